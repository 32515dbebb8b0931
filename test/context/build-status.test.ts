import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { statusOf, statusOfExit } from '../../src/context/build-status.ts';

const Statuses = suite('context: statusOf');

for (const [said, expected] of [
  [['success', 'failure'], 'failure'],
  [['failure', 'success'], 'failure'],
  [['canceled', 'failed'], 'failure'],
  [['success', 'killed'], 'cancelled'],
  [['success', undefined], 'success'],
  [['', 'false'], 'failure'],
  [['running'], undefined],
  [['pending', 'skipped', 'constructor'], undefined],
  [[undefined], undefined],
] as const) {
  Statuses(`makes ${expected} of ${said.join(' and ')}`, () => {
    assert.is(statusOf(...said), expected);
  });
}

for (const [code, expected] of [
  ['0', 'success'],
  ['137', 'failure'],
  ['-1', undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  Statuses(`makes ${expected} of exit code ${code}`, () => {
    assert.is(statusOfExit(code), expected);
  });
}

Statuses.run();
