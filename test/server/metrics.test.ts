import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMetrics } from '../../src/server/metrics.ts';
import type { Run, RunEnd } from '../../src/store/run.ts';
import { manualClock } from '../support/manual-clock.ts';
import { finish, hookSecret, openStage, order, type Stage, staged } from './stage.ts';

const metrics = suite('/metrics');

/** Lines of one figure, without its comments. */
async function read(stage: Stage, name: string): Promise<readonly string[]> {
  const { status, text } = await stage.call('operator', 'GET', '/metrics');
  assert.is(status, 200, text);
  return text.split('\n').filter((line) => line.startsWith(name));
}
const ask = (stage: Stage, body: object, key?: string) =>
  stage.call('spinnaker', 'POST', '/v1/runs', { body, ...(key ? { key } : {}) });

metrics(
  'counts runs by state, those that ended while they waited too',
  staged(async (stage) => {
    const ends: readonly RunEnd[] = ['SUCCESS', 'FAILURE', 'ERROR', 'TIMED_OUT', 'REFUSED'];
    for (const end of ends) {
      await ask(stage, order);
      await finish(stage, end);
    }
    await ask(stage, order);
    await stage.store.claim('test');
    const { json } = await ask(stage, order);
    await stage.call('spinnaker', 'POST', `/v1/runs/${json.id}/cancel`);
    await ask(stage, { ...order, deployment: 'hello-staging' });
    await ask(stage, { ...order, deployment: 'hello-staging' });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const states = [...ends, 'IN_PROGRESS', 'CANCELED', 'SUPERSEDED', 'QUEUED'];
    assert.equal(
      [...(await read(stage, 'slipway_runs{'))].sort(),
      states.map((status) => `slipway_runs{status="${status}"} 1`).sort(),
    );
    assert.equal(await read(stage, 'slipway_queue_depth'), ['slipway_queue_depth 1']);
    await stage.call('spinnaker', 'POST', `/v1/runs/${json.id}/cancel`);
    const sample = (status: string): string => {
      const deployment = status === 'SUPERSEDED' ? 'hello-staging' : 'hello-production';
      return `slipway_runs_ended_total{deployment="${deployment}",status="${status}"} 1`;
    };
    assert.equal(
      [...(await read(stage, 'slipway_runs_ended_total{'))].sort(),
      [...ends, 'CANCELED', 'SUPERSEDED'].map(sample).sort(),
    );
  }),
);

metrics('knows how long the oldest has waited, and forgets that with it', async () => {
  const clock = manualClock(Date.now());
  const stage = await openStage({ clock });
  assert.equal(await read(stage, 'slipway_queue_age'), ['slipway_queue_age_seconds 0']);
  await ask(stage, order);
  await ask(stage, order);
  await clock.advance(90_000);
  const [line = ''] = await read(stage, 'slipway_queue_age');
  const age = Number(line.split(' ')[1]);
  assert.ok(age > 80 && age <= 91, line);
  await finish(stage);
  await finish(stage);
  await clock.advance(2000);
  assert.equal(await read(stage, 'slipway_queue_age'), ['slipway_queue_age_seconds 0']);
  await stage.end();
});

metrics(
  'counts requests by door and outcome, and how long those took that were taken in',
  staged(async (stage) => {
    await ask(stage, order, 'k');
    await ask(stage, order, 'k');
    await ask(stage, { ...order, task: 'other' }, 'k');
    await ask(stage, { ...order, deployment: 'hello-refuse' });
    await ask(stage, { ...order, deployment: 'hello-refuse' });
    await ask(stage, { deployment: 'unknown' });
    const counted = Object.fromEntries(
      (await read(stage, 'slipway_runs_accepted_total')).map((line) => [
        /outcome="(\w+)"/.exec(line)?.[1],
        Number(line.split(' ')[1]),
      ]),
    );
    assert.equal(counted, { accepted: 2, known: 1, key_reused: 1, busy: 1, forbidden: 1 });
    const [count = ''] = await read(stage, 'slipway_intake_seconds_count');
    assert.is(count, 'slipway_intake_seconds_count{door="api"} 2');
    const buckets = await read(stage, 'slipway_intake_seconds_bucket');
    assert.is(buckets.length, 10);
    assert.is(buckets.at(-1), 'slipway_intake_seconds_bucket{door="api",le="+Inf"} 2');
  }),
);

metrics(
  'counts deliveries by what they came to, and those that were refused by why',
  staged(async (stage) => {
    const deliver = (body: object | string, id: string, event = 'push', secret = hookSecret) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return stage.call(undefined, 'POST', '/hooks/github', {
        body: text,
        headers: {
          'x-github-event': event,
          'x-github-delivery': id,
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
        },
      });
    };
    const push = {
      ref: 'refs/heads/refuse',
      head_commit: { id: 'a'.repeat(40) },
      repository: { full_name: 'octo/hello' },
    };
    await deliver(push, 'one');
    await deliver(push, 'one');
    await deliver({ ...push, head_commit: { id: 'b'.repeat(40) } }, 'two');
    await deliver({ zen: 'be' }, 'three', 'ping');
    await deliver(push, 'four', 'push', 'wrong');
    await deliver('not JSON', 'five');
    assert.equal(await read(stage, 'slipway_webhook_deliveries_total'), [
      'slipway_webhook_deliveries_total{forge="github",answer="runs"} 1',
      'slipway_webhook_deliveries_total{forge="github",answer="repeated"} 1',
      'slipway_webhook_deliveries_total{forge="github",answer="busy"} 1',
      'slipway_webhook_deliveries_total{forge="github",answer="ignored"} 1',
    ]);
    assert.equal(await read(stage, 'slipway_webhook_rejections_total'), [
      'slipway_webhook_rejections_total{forge="github",reason="not_proven"} 1',
      'slipway_webhook_rejections_total{forge="github",reason="unreadable"} 1',
    ]);
    assert.equal(await read(stage, 'slipway_runs_accepted_total'), [
      'slipway_runs_accepted_total{door="github",outcome="accepted"} 1',
      'slipway_runs_accepted_total{door="github",outcome="busy"} 1',
    ]);
    assert.equal(await read(stage, 'slipway_intake_seconds_count'), [
      'slipway_intake_seconds_count{door="github"} 1',
    ]);
  }),
);

metrics(
  'counts wrong tokens, and says whether new runs are taken',
  staged(async (stage) => {
    for (let time = 0; time < 2; time += 1) {
      await stage.call(undefined, 'GET', '/v1/runs', {
        headers: { authorization: 'Bearer wrong-token-000000' },
      });
    }
    assert.equal(await read(stage, 'slipway_login_failures_total'), [
      'slipway_login_failures_total 2',
    ]);
    assert.equal(await read(stage, 'slipway_ready'), ['slipway_ready 1']);
    stage.now.ready = false;
    assert.equal(await read(stage, 'slipway_ready'), ['slipway_ready 0']);
  }),
);

const run: Run = {
  ...{ id: '1', deployment: 'a "quoted"\\name', slot: '', repo: '', environment: '', task: '' },
  ...{ source: 'api', status: 'SUCCESS', progress: '', outputs: {} },
  ...{ createdAt: 1_000_000, startedAt: 1_004_000, endedAt: 1_064_000 },
};

metrics('knows how long runs waited and took, in buckets that add up', () => {
  const { ended, text } = createMetrics();
  ended(run);
  ended({ ...run, startedAt: 1_000_500, endedAt: 9_000_000, status: 'ERROR' });
  const said = text([]);
  const label = 'deployment="a \\"quoted\\"\\\\name"';
  for (const line of [
    `slipway_runs_ended_total{${label},status="SUCCESS"} 1`,
    `slipway_runs_ended_total{${label},status="ERROR"} 1`,
    `slipway_run_wait_seconds_bucket{${label},le="1"} 1`,
    `slipway_run_wait_seconds_bucket{${label},le="5"} 2`,
    `slipway_run_wait_seconds_sum{${label}} 4.5`,
    `slipway_run_duration_seconds_bucket{${label},le="30"} 0`,
    `slipway_run_duration_seconds_bucket{${label},le="60"} 1`,
    `slipway_run_duration_seconds_bucket{${label},le="3600"} 1`,
    `slipway_run_duration_seconds_bucket{${label},le="+Inf"} 2`,
    `slipway_run_duration_seconds_count{${label}} 2`,
  ]) {
    assert.ok(said.split('\n').includes(line), `${line}\n${said}`);
  }
});

metrics('counts no time that a clock took back', () => {
  const { ended, text } = createMetrics();
  ended({ ...run, startedAt: 500_000, endedAt: 1000 });
  assert.match(text([]), /^slipway_run_wait_seconds_sum\{.*\} 0$/m);
  assert.match(text([]), /^slipway_run_duration_seconds_sum\{.*\} 0$/m);
});

metrics.run();
