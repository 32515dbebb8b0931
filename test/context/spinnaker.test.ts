import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { spinnaker } from '../../src/context/spinnaker.ts';
import { contextWith, read } from './reading.ts';
import { builds } from './recorded/spinnaker.ts';

const Spinnaker = suite('context: spinnaker');

const nameless = contextWith('spinnaker', {});

Spinnaker('names a run of a stage by execution, stage and start', () => {
  assert.equal(read(spinnaker, builds.runJob), {
    ...nameless,
    execution: '01JD7Z0V7V4Q9RC0D7WQ6M2B4E.01JD7Z0V7W1T9Y3JH5F1S8K2NA.1795258800000',
  });
});

Spinnaker('is told by one parameter that is set', () => {
  assert.ok(spinnaker.detect(builds.parametersOnly.env));
  assert.equal(read(spinnaker, builds.parametersOnly), nameless);
});

Spinnaker('is not told by what is empty', () => {
  const env = { SPINNAKER_EXECUTION_ID: '', SPINNAKER_PARAM_REF: '' };
  assert.not(spinnaker.detect(env));
});

for (const build of ['withoutStart', 'unresolved', 'placeholder'] as const) {
  Spinnaker(`names no run from what every execution would share (${build})`, () => {
    assert.ok(spinnaker.detect(builds[build].env));
    assert.equal(read(spinnaker, builds[build]), nameless);
  });
}

Spinnaker.run();
