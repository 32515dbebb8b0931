import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Deployment, ForgeState } from '../../src/forges/forge.ts';
import { attemptOf } from '../../src/run/attempt.ts';
import type { Channel } from '../../src/run/channel.ts';
import { order } from '../support/job.ts';

const telling = suite('attemptOf');

const deployment = (id: string, ...states: readonly ForgeState[]): Deployment => ({
  id,
  repo: 'octo/hello',
  environment: 'production',
  sha: '5'.repeat(40),
  task: 'deploy',
  description: '',
  payload: {},
  createdAt: 1,
  // Newest first; the oldest was posted at 1.
  statuses: states.map((state, n) => ({
    state,
    at: states.length - n,
    link: undefined,
    description: '',
    marker: undefined,
  })),
  owner: undefined,
  url: undefined,
});
const attempt = (opened: Deployment | undefined, adopted?: Deployment): string => {
  const channel = { deployment: () => opened, adopted: () => adopted };
  return attemptOf({ order, channels: [channel as Channel] });
};

telling('is the same for a process that goes on where another was killed', () => {
  const first = attempt(deployment('7', 'queued', 'failure', 'queued'));
  assert.is(attempt(deployment('7', 'in_progress', 'queued', 'failure', 'queued')), first);
  assert.is(attempt(undefined, deployment('7', 'queued', 'failure', 'queued')), first);
});

telling('is another one in a new deployment, and after an end in the same', () => {
  const all = [
    attempt(deployment('7', 'queued')),
    attempt(deployment('7', 'queued', 'failure', 'queued')),
    attempt(deployment('7', 'queued', 'error', 'queued', 'failure', 'queued')),
    attempt(deployment('8', 'queued')),
  ];
  assert.is(new Set(all).size, all.length);
});

telling("is the process's own where nobody remembers, and the run's on a server", () => {
  assert.is(attempt(undefined), order.expiry.toString(36));
  assert.is(attemptOf({ order: { ...order, runId: 'r-1' }, channels: [] }), 'r-1');
});

telling('is fit for a header', () => {
  assert.match(attempt(deployment('5'.repeat(40), 'failure')), /^[\w.-]{1,80}$/);
});
telling.run();
