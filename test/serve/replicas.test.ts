/** Two processes of dist/slipway.mjs on one PostgreSQL. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeployService } from '../support/deploy-service.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { onStage, onStages, type Stage } from './stage.ts';

const replicas = suite<{ postgres: Postgres }>('replicas');
replicas.before(async (context) => {
  context.postgres = await startPostgres();
});
replicas.after(({ postgres }) => postgres.end());

type Play = (a: Stage, b: Stage) => Promise<void>;
const test = (title: string, play: Play): void =>
  replicas(title, ({ postgres }) =>
    onStages(2, ([a, b]) => play(a as Stage, b as Stage), endless, {
      env: { DATABASE_URL: postgres.database() },
    }),
  );
const endless = { script: ['QUEUED', 'IN_PROGRESS'] };

const post = async (stage: Stage, key?: string): Promise<string> => {
  const headers: Record<string, string> = key ? { 'idempotency-key': key } : {};
  const answer = await stage.ask('POST', '/v1/runs', { deployment: 'by-webhook' }, headers);
  assert.ok([200, 202].includes(answer.status), JSON.stringify(answer));
  return String(answer.body.id);
};
/** Accepted and begun by the first, before there is a second. */
async function begun(a: Stage, b: Stage): Promise<string> {
  await a.start();
  const id = await post(a);
  while (!a.service.exchanges.includes('look')) await pause(20);
  await b.start();
  return id;
}
const creates = ({ exchanges }: DeployService): number =>
  exchanges.filter((exchange) => exchange === 'create').length;

test('go on where one that was killed with -9 stopped, and create nothing twice', async (a, b) => {
  const id = await begun(a, b);
  await a.kill('SIGKILL');
  a.service.runs[0]?.script.push('SUCCESS');
  const run = await b.until(id, 'SUCCESS', 'ERROR', 'FAILURE');
  assert.is(run.status, 'SUCCESS', b.log());
  assert.is(creates(a.service), 1);
  assert.equal(a.service.complaints, []);
});

replicas('need not wait for a lease of their own, killed with -9 and alone', ({ postgres }) =>
  onStage(
    async (stage) => {
      await stage.start();
      const id = await post(stage);
      while (!stage.service.exchanges.includes('look')) await pause(20);
      await stage.kill('SIGKILL');
      stage.service.runs[0]?.script.push('SUCCESS');
      await stage.start();
      await stage.until(id, 'SUCCESS');
      assert.match(stage.log(), `The process that had run ${id} is gone`);
      assert.is(creates(stage.service), 1);
    },
    endless,
    { env: { DATABASE_URL: postgres.database() } },
  ),
);

test('take at once what one hands over at SIGTERM', async (a, b) => {
  const id = await begun(a, b);
  const ended = a.kill('SIGTERM');
  await pause(300);
  a.signal('SIGTERM');
  assert.is(await ended, 0, a.log());
  a.service.runs[0]?.script.push('SUCCESS');
  const start = performance.now();
  await b.until(id, 'SUCCESS');
  assert.ok(performance.now() - start < 8000, 'nobody waited for a lease to run out');
  assert.is(creates(a.service), 1);
  assert.equal(a.service.runs[0]?.reasons, []);
  assert.not.match(a.log(), /of its log are lost/);
});

test('end what the other one carries out, and answer alike', async (a, b) => {
  const id = await begun(a, b);
  const { body } = await b.ask('GET', `/v1/runs/${id}`);
  assert.is(body.status, 'IN_PROGRESS');
  await b.ask('POST', `/v1/runs/${id}/cancel`, { reason: 'wrong commit' });
  const run = await b.until(id, 'CANCELED');
  assert.match(String(run.progress), /wrong commit/);
  assert.is(a.service.runs[0]?.reasons.length, 1);
});

test('cancel what nobody has any more, before another step of it', async (a, b) => {
  const id = await begun(a, b);
  await a.kill('SIGKILL');
  await b.ask('POST', `/v1/runs/${id}/cancel`, { reason: 'wrong commit' });
  const run = await b.until(id, 'CANCELED');
  assert.match(String(run.progress), /wrong commit/);
  assert.is(a.service.runs[0]?.reasons.length, 1);
  assert.is(creates(a.service), 1);
});

test('give one run to one key, whoever is asked', async (a, b) => {
  await Promise.all([a.start(), b.start()]);
  const asked = Array.from({ length: 20 }, (_, at) => post(at % 2 ? a : b, 'the same key'));
  assert.is(new Set(await Promise.all(asked)).size, 1);
  assert.is((await a.all()).length, 1);
});

test('leave a run alone that another one took while they stood still', async (a, b) => {
  const id = await begun(a, b);
  a.signal('SIGSTOP');
  const looks = a.service.exchanges.length;
  while (a.service.exchanges.length < looks + 2) await pause(50);
  a.signal('SIGCONT');
  await pause(2000);
  a.service.runs[0]?.script.push('SUCCESS');
  await b.until(id, 'SUCCESS');
  await pause(2000);
  const run = await a.until(id, 'SUCCESS');
  assert.is(run.status, 'SUCCESS');
  assert.is(creates(a.service), 1);
  assert.equal(a.service.runs[0]?.reasons, []);
  assert.match(a.log(), /was taken by another process|Another process goes on/);
});

replicas.run();
