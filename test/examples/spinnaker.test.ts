import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { head } from '../context/reading.ts';
import { mapTexts, springPass, transform } from '../support/orca.ts';
import { archiveOf } from '../support/tarball.ts';
import {
  deployed,
  type Ended,
  play,
  readExample,
  runPlugin,
  type Scene,
  token,
} from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: Spinnaker');

type Variable = { readonly name: string; readonly value?: string };
type Parameter = { readonly name: string; readonly mapping: string };

examples('Spinnaker: the job is filled by its parameters and deploys', async () => {
  const started = mapTexts(parse(readExample('spinnaker.yml')), (text) => springPass(text, {}));
  const [job] = (started as { job: { preconfigured: { kubernetes: SpinnakerJob[] } } }).job
    .preconfigured.kubernetes;
  assert.ok(job);
  const variables = job.manifest.spec.template.spec.containers[0].env;
  const given = { commit: head, environment: 'production' } as Record<string, string>;
  for (const { name, mapping } of job.parameters) {
    const [, at] = /containers\[0\]\.env\[(\d+)\]\.value$/.exec(mapping) ?? [];
    const variable = variables[Number(at)];
    assert.is(variable?.name, `PLUGIN_${name.toUpperCase()}`);
    variables[Number(at)] = { ...variable, name: variable?.name ?? '', value: given[name] ?? '' };
  }
  const facts = {
    parameterValues: given,
    execution: { id: '01JEXECUTION', application: 'shop', name: 'Deploy' },
    stage: { id: '01JSTAGE', startTime: 1_795_258_800_000 },
  };
  const env = Object.fromEntries(
    variables.map(({ name, value }) => [
      name,
      value === undefined ? token : String(transform(value, facts)),
    ]),
  );
  const run = async ({ github, folder }: Scene): Promise<Ended> => {
    // The script comes from GitHub, and leaves what it did where this test looks.
    const script = readFileSync(path.join(folder, 'deploy.sh'), 'utf8');
    rmSync(path.join(folder, 'deploy.sh'));
    const body = script.replace('>> deployed', `>> ${folder}/deployed`);
    github.putArchive(head, archiveOf({ 'deploy.sh': { mode: 0o755, body } }, { sha: head }));
    return runPlugin(folder, { ...env, PLUGIN_GITHUB_API_URL: github.url });
  };
  const good = await play(false, run);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  assert.match(good.last?.logUrl ?? '', '/applications/shop/executions/details/01JEXECUTION');
  assert.match(good.log, /^SPINNAKER_CONFIG_JSON=\{/m);
  const bad = await play(true, run);
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure']);
});
type SpinnakerJob = {
  readonly parameters: readonly Parameter[];
  readonly manifest: {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: [{ readonly env: Variable[] }] } };
    };
  };
};

examples.run();
