import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Deployment, ForgeState } from '../../src/forges/forge.ts';
import { attemptOf, isUnremembered, predecessorSince } from '../../src/run/attempt.ts';
import type { Channel } from '../../src/run/channel.ts';
import { order } from '../support/job.ts';

const telling = suite('attemptOf');
const dating = suite('predecessorSince');

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

telling('tells where nobody remembers', () => {
  const by = (opened: Deployment | undefined, runId?: string): boolean => {
    const channel = { deployment: () => opened, adopted: () => undefined };
    const given = runId ? { ...order, runId } : order;
    return isUnremembered({ order: given, channels: [channel as unknown as Channel] });
  };
  assert.equal(
    [by(undefined), by(deployment('7', 'queued')), by(undefined, 'r')],
    [true, false, false],
  );
});

telling('is fit for a header', () => {
  assert.match(attempt(deployment('5'.repeat(40), 'failure')), /^[\w.-]{1,80}$/);
});
telling.run();

const mark = { key: order.runKey, seq: 5000, expiry: 9e12, closure: false };
const since = (...statuses: Deployment['statuses']): number | undefined => {
  const opened = { ...deployment('7'), statuses };
  const reporter = { forge: { ahead: () => 300 } };
  const channel = { asOpened: () => opened, adopted: () => undefined, reporter };
  return predecessorSince({ order, channels: [channel as never as Channel] });
};
const posted = (state: ForgeState, at: number, marker: typeof mark | undefined = mark) => ({
  ...{ state, at, marker, link: undefined, description: '' },
});

dating('goes by its marks, in our own time', () => {
  assert.is(since(posted('in_progress', 7000), posted('queued', 6000)), 4700);
});
dating('goes by the oldest of several that were killed', () => {
  const older = { ...mark, seq: 4000 };
  assert.is(since(posted('in_progress', 7000), posted('in_progress', 6000, older)), 3700);
});
dating('never goes behind the last end: what was done by then is of an earlier attempt', () => {
  assert.is(since(posted('in_progress', 9000), posted('failure', 8000)), 7700);
});
dating('is not known of marks of others', () => {
  const other = { ...mark, key: 'f'.repeat(20) };
  assert.is(since(posted('in_progress', 7000, other)), undefined);
  assert.is(predecessorSince({ order, channels: [] }), undefined);
});
dating.run();
