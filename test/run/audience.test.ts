import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkout } from '../../src/checkout/checkout.ts';
import { CheckoutError, RemoteError } from '../../src/errors.ts';
import type { Deployment, Memory } from '../../src/forges/forge.ts';
import { markerOf } from '../../src/identity.ts';
import type { Reporter } from '../../src/reporters/reporter.ts';
import type { Status } from '../../src/status.ts';
import { minute, onStage, type Stage, succeeds, targetOf } from './stage.ts';

/** An audience that is no forge: nobody requires it, and it is told at its own pace. */
function audience(stage: Stage, more: Partial<Reporter> = {}) {
  const heard: { readonly at: number; readonly status: Status }[] = [];
  const began = stage.clock.now();
  const reporter: Reporter = {
    id: 'crowd',
    required: false,
    forge: undefined,
    paceMs: 3000,
    check: async () => [],
    async post(status) {
      heard.push({ at: stage.clock.now() - began, status });
      return 'posted';
    },
    ...more,
  };
  return { reporter, heard, states: () => heard.map(({ status }) => status.state) };
}

/** Never answers; a signal ends it. */
const deaf = (_: Status, signal: AbortSignal): Promise<'posted'> =>
  new Promise((_resolve, reject) => {
    const give = (): void => reject(new RemoteError('no answer', { kind: 'unavailable' }));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });

const lasting = (stage: Stage, ms: number) =>
  targetOf(async () => {
    await stage.clock.pause(ms);
    return { outcome: 'success', description: '' };
  });

const telling = suite('run: an audience that is no forge');

telling('hears of a short run once, and keeps it waiting for nothing', () =>
  onStage(async (stage) => {
    const { reporter, states } = audience(stage);
    const { startedAt, endedAt } = await stage.go({}, { reporters: [reporter] });
    assert.equal(states(), ['success']);
    assert.is(endedAt - startedAt, 0);
  }),
);

telling('gets the newest of what comes within its pace, and the last word always', () =>
  onStage(async (stage) => {
    const { reporter, heard, states } = audience(stage);
    const target = lasting(stage, 4000);
    const { outcome } = await stage.go({}, { reporters: [reporter], target });
    assert.is(outcome, 'success');
    assert.equal(states(), ['in_progress', 'success']);
    assert.equal(
      heard.map(({ at }) => at),
      [3000, 6000],
    );
  }),
);

telling('that does not answer delays nothing but the last word', () =>
  onStage(async (stage) => {
    const { reporter } = audience(stage, { post: deaf });
    const begun: number[] = [];
    const target = targetOf(async () => {
      begun.push(stage.clock.now());
      return { outcome: 'success', description: '' };
    });
    const start = stage.clock.now();
    const ended = await stage.go({}, { reporters: [reporter], target });
    assert.equal(begun, [start]);
    assert.equal([ended.outcome, ended.exit, ended.lost], ['success', 0, ['crowd']]);
  }),
);

telling('that takes nothing from this credential is asked once, and at the end', () =>
  onStage(async (stage) => {
    for (const [required, exit] of [
      [false, 0],
      [true, 6],
    ] as const) {
      const asked: string[] = [];
      const { reporter } = audience(stage, {
        required,
        paceMs: 0,
        async post({ state }) {
          asked.push(state);
          throw new RemoteError('no', { kind: 'permission', status: 403 });
        },
      });
      const ended = await stage.go({}, { reporters: [reporter] });
      assert.is(ended.exit, exit);
      assert.equal(asked, ['queued', required ? 'error' : 'success']);
    }
  }),
);

telling('is told what is deployed, how long it took, and the end of the output', () =>
  onStage(async (stage) => {
    const { reporter, heard } = audience(stage);
    const fails = targetOf(async () => ({ outcome: 'failure', description: 'exit 3' }));
    const ref = 'fix/s3cret';
    await stage.go(
      { ref, actor: 'octocat' },
      { reporters: [reporter], target: fails, tail: () => 'no room\n' },
    );
    const [{ status } = { status: undefined }] = heard;
    assert.equal(status?.end, { tookMs: 0, tail: 'no room\n' });
    const { repo, environment, commit, task, logUrls } = stage.order;
    const subject = { repo, environment, commit, ref: 'fix/***', actor: 'octocat', task };
    assert.equal(status?.of, { ...subject, logUrl: logUrls[0] });
  }),
);

telling('hears of a run that failed before it deployed anything', () =>
  onStage(async (stage) => {
    const { reporter, states } = audience(stage);
    const checkout: Checkout = {
      ...{ id: 'full', plan: () => [], check: async () => [], release: async () => {} },
      fetch: () => Promise.reject(new CheckoutError('the disk is full')),
    };
    const { outcome } = await stage.go({}, { reporters: [reporter], checkout });
    assert.is(outcome, 'error');
    assert.equal(states(), ['error']);
  }),
);

telling('hears nothing of a run that was refused', () =>
  onStage(async (stage) => {
    const { reporter, heard } = audience(stage);
    stage.leave({ runKey: 'e'.repeat(20), seq: stage.order.seq - minute }, 'in_progress');
    const { reporters } = stage.depsOf(stage.order);
    const deps = { reporters: [...reporters, reporter], whenBusy: 'refuse' as const };
    assert.is((await stage.go({}, deps)).outcome, 'refused');
    assert.equal(heard, []);
  }),
);

telling('is told how the deploy before ended, as a forge shows it', () =>
  onStage(async (stage) => {
    const { reporter, heard } = audience(stage);
    const older = { runKey: 'e'.repeat(20), seq: stage.order.seq - minute };
    stage.leave({ ...older, runKey: 'd'.repeat(20) }, 'success');
    stage.leave(older, 'in_progress', 'failure');
    const { reporters } = stage.depsOf(stage.order);
    await stage.go({}, { reporters: [...reporters, reporter], target: succeeds });
    assert.is(heard.at(-1)?.status.end?.previous, 'failure');
    assert.match(heard.at(-1)?.status.of?.deploymentUrl ?? '', '/octo/shop/deployments/production');
  }),
);

telling('shows killed runs, which the next run of the slot ends', () =>
  onStage(async (stage) => {
    const closed: [string, Status][] = [];
    const left = (id: string, expiry: number): Deployment => ({
      ...{ id, repo: 'octo/shop', environment: 'production', sha: '', task: 'deploy' },
      ...{ description: '', payload: {}, createdAt: 0, statuses: [], url: undefined },
      owner: markerOf({ runKey: id.repeat(20), seq: 0, expiry }),
    });
    const now = stage.clock.now();
    const memory: Memory = {
      ahead: () => 0,
      survey: async () => [left('a', now - 1), left('b', now + minute)],
      close: async ({ id }, status) => void closed.push([id, status]),
    };
    const { reporter } = audience(stage, { memory });
    await stage.go({}, { reporters: [reporter] });
    const description = 'Outcome not known: its run ended without saying how';
    assert.equal(closed, [['a', { state: 'error', description }]]);
  }),
);

telling.run();
