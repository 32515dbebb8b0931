import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commitState } from '../../../src/forges/commit-statuses.ts';
import { deploymentState } from '../../../src/forges/github/states.ts';
import { shorten } from '../../../src/forges/github/text.ts';

const mapping = suite('deploymentState, commitState');
const plain = { cancelState: 'failure', created: false, gitploy: false } as const;

const rows = [
  ['queued', 'queued', 'pending'],
  ['in_progress', 'in_progress', 'pending'],
  ['pending', 'pending', 'pending'],
  ['success', 'success', 'success'],
  ['failure', 'failure', 'failure'],
  ['error', 'error', 'error'],
  ['timed_out', 'failure', 'failure'],
  ['cancelled', 'failure', 'error'],
  ['superseded', 'failure', 'failure'],
  ['inactive', 'inactive', 'error'],
] as const;
for (const [state, deployment, commit] of rows) {
  mapping(`says ${deployment} of a deployment and ${commit} of a commit for ${state}`, () => {
    assert.is(deploymentState(state, plain), deployment);
    assert.is(commitState(state), commit);
  });
}

mapping('ends a superseded deployment of our own as inactive', () => {
  assert.is(deploymentState('superseded', { ...plain, created: true }), 'inactive');
});

mapping('cancels as the author wishes, but never inactive where Gitploy waits', () => {
  assert.is(deploymentState('cancelled', { ...plain, cancelState: 'inactive' }), 'inactive');
  const gitploy = { cancelState: 'inactive', created: false, gitploy: true } as const;
  assert.is(deploymentState('cancelled', gitploy), 'failure');
  assert.is(deploymentState('error', gitploy), 'failure');
});

mapping.run();

const cutting = suite('shorten');

cutting('keeps 140 characters and cuts no character in half', () => {
  assert.is(shorten('a'.repeat(140)), 'a'.repeat(140));
  assert.is(shorten('a'.repeat(141)), `${'a'.repeat(139)}…`);
  assert.is([...shorten('🚀'.repeat(200))].length, 140);
  assert.is(shorten('🚀'.repeat(200)).slice(0, 2), '🚀');
});

cutting('makes one line', () => assert.is(shorten(' a\r\n\tb\nc '), 'a b c'));

cutting('mends half a surrogate pair', () => assert.is(shorten('a\ud83d'), 'a\ufffd'));

cutting.run();
