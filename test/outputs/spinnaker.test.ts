import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  renderConfigJson,
  renderTerminationMessage,
  reservedBySpinnaker,
} from '../../src/outputs/spinnaker.ts';
import { hostile, sampleOutputs } from './sample.ts';

/** Clouddriver's PropertyParser over a whole container log. */
function extract(log: string): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const line of log.split('\n').map((text) => text.trim())) {
    if (line.includes('SPINNAKER_PROPERTY_')) {
      const [key = '', ...value] = line.split('=');
      properties[key.replace('SPINNAKER_PROPERTY_', '').toLowerCase()] = value.join('=');
    } else if (/^\s*SPINNAKER_CONFIG_JSON=/.test(line)) {
      Object.assign(properties, JSON.parse(line.replace(/^\s*SPINNAKER_CONFIG_JSON=/, '')));
    }
  }
  return properties;
}

const config = suite('renderConfigJson');

config('gives Spinnaker every value to the letter', () => {
  const values = { ...hostile, big: 'x'.repeat(70_000) };
  assert.equal(extract(renderConfigJson(new Map(Object.entries(values)))), values);
});

config('is one line of strings', () => {
  const text = renderConfigJson(sampleOutputs);
  assert.match(text, /^SPINNAKER_CONFIG_JSON=\{[^\n]*\}\n$/);
  assert.ok(Object.values(extract(text)).every((value) => typeof value === 'string'));
});

config('leaves out what the stage keeps under the same name', () => {
  const names = ['jobStatus', 'completionDetails', 'artifacts', 'execution', 'outputs', 'manifest'];
  const outputs = new Map([
    ...sampleOutputs,
    ...names.map((name): [string, string] => [name, 'x']),
  ]);
  assert.equal(extract(renderConfigJson(outputs)), Object.fromEntries(sampleOutputs));
  assert.equal(reservedBySpinnaker(outputs), names);
  assert.equal(reservedBySpinnaker(sampleOutputs), []);
});

config.run();

const termination = suite('renderTerminationMessage');

termination('keeps 4096 bytes and no half character', () => {
  const message = renderTerminationMessage(`x${'é'.repeat(4000)}`);
  assert.is(Buffer.byteLength(message), 4095);
  assert.is(message, `x${'é'.repeat(2047)}`);
  assert.is(renderTerminationMessage('short'), 'short');
});

termination.run();
