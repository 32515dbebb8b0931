/** `slipway serve` as an operator runs it: dist/slipway.mjs, real sockets, real kills. */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { token } from './server.ts';
import { commit, onStage, type Stage } from './stage.ts';

const serving = suite('serve');
const endless = { script: ['QUEUED', 'IN_PROGRESS'] };

const post = async (stage: Stage, deployment: string, key?: string): Promise<string> => {
  const body = { deployment, commit };
  const headers: Record<string, string> = key ? { 'idempotency-key': key } : {};
  const answer = await stage.ask('POST', '/v1/runs', body, headers);
  assert.ok([200, 202].includes(answer.status), JSON.stringify(answer));
  return String(answer.body.id);
};

serving('runs what it is asked for, with outputs, a log and links of its own', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await post(stage, 'by-webhook', 'one');
    const run = await stage.until(id, 'SUCCESS');
    assert.is(run.status_url, `${stage.url}/v1/runs/${id}`);
    assert.is((run.outputs as Record<string, string>).outcome, 'success');
    assert.is(stage.service.runs.length, 1);
    assert.equal(stage.service.complaints, []);
    assert.not.match(stage.log(), /hunter2|0123456789abcdef-of/);
    assert.match(stage.log(), `Run ${id} of by-webhook ended: SUCCESS`);
  }),
);

serving('goes on after kill -9 where it stopped, and asks the service once', () =>
  onStage(async (stage) => {
    await stage.start();
    const ids = [];
    for (let round = 0; round < 4; round += 1) {
      ids.push(await post(stage, 'by-webhook', `round-${round}`));
      await pause(40 * round);
      await stage.kill('SIGKILL');
      await stage.start();
    }
    for (const id of ids) {
      const run = await stage.until(id, 'SUCCESS', 'ERROR', 'FAILURE');
      assert.is(run.status, 'SUCCESS', `${JSON.stringify(run)}\n${stage.log()}`);
    }
    assert.is(stage.service.runs.length, ids.length);
    assert.equal(stage.service.complaints, []);
  }),
);

serving('leaves a run the time that it had, however long no server was there', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await post(stage, 'by-webhook');
    while (stage.service.runs.length === 0) await pause(20);
    await stage.kill('SIGKILL');
    const db = new DatabaseSync(path.join(stage.folder, 'data/slipway.db'));
    db.exec('UPDATE run SET created_at = created_at - 7200000, started_at = started_at - 7200000');
    db.close();
    await stage.start();
    // Longer than the least that any run is given.
    await pause(2000);
    stage.service.runs[0]?.script.push('SUCCESS');
    const run = await stage.until(id, 'SUCCESS', 'TIMED_OUT', 'ERROR');
    assert.is(run.status, 'SUCCESS', stage.log());
    const headers = { authorization: `Bearer ${token}` };
    const told = await fetch(`${stage.url}/v1/runs/${id}/log`, { headers });
    assert.match(await told.text(), 'another process goes on with this run (attempt 2)');
  }, endless),
);

serving('gives the same run to the same key, whatever was killed in between', () =>
  onStage(async (stage) => {
    await stage.start();
    const first = await post(stage, 'by-webhook', 'again');
    await stage.kill('SIGKILL');
    await stage.start();
    assert.is(await post(stage, 'by-webhook', 'again'), first);
    await stage.until(first, 'SUCCESS');
    assert.is(stage.service.runs.length, 1);
  }),
);

serving('says of a command that was killed with it that nobody knows', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await post(stage, 'by-command');
    await stage.until(id, 'IN_PROGRESS');
    await pause(500);
    await stage.kill('SIGKILL');
    await stage.start();
    const run = await stage.until(id, 'ERROR');
    assert.match(String(run.progress), /not known/);
  }),
);

serving('cancels at the service what runs, and at once what waits', () =>
  onStage(async (stage) => {
    await stage.start();
    const runs = await post(stage, 'by-webhook');
    const waits = await post(stage, 'by-webhook');
    await stage.until(runs, 'IN_PROGRESS');
    while (stage.service.runs.length === 0) await pause(20);
    await stage.ask('POST', `/v1/runs/${waits}/cancel`, {});
    assert.is((await stage.until(waits, 'CANCELED')).started_at, null);
    await stage.ask('POST', `/v1/runs/${runs}/cancel`, { reason: 'wrong commit' });
    const run = await stage.until(runs, 'CANCELED');
    assert.match(String(run.progress), /wrong commit/);
    assert.is(stage.service.runs.length, 1);
    assert.is(stage.service.runs[0]?.reasons.length, 1);
  }, endless),
);

serving('keeps a cancellation that it said yes to, killed the moment after', () =>
  onStage(async (stage) => {
    await stage.start();
    const key = '01J.01K.1764288000000';
    const id = await post(stage, 'by-webhook', key);
    await stage.until(id, 'IN_PROGRESS');
    while (stage.service.runs.length === 0) await pause(20);
    const at = '/spinnaker/v1/executions/01J/stages/01K/cancel';
    const { status } = await stage.ask('POST', at, { key, reason: 'canceled by Spinnaker' });
    await stage.kill('SIGKILL');
    assert.is(status, 200);
    await stage.start();
    const run = await stage.until(id, 'CANCELED');
    assert.match(String(run.progress), /canceled by Spinnaker/);
  }, endless),
);

serving('hands over at SIGTERM what can be gone on with, and cancels nothing there', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await post(stage, 'by-webhook');
    await stage.until(id, 'IN_PROGRESS');
    while (stage.service.runs.length === 0) await pause(20);
    const ended = stage.kill('SIGTERM');
    await pause(300);
    // The second one does not wait for the end.
    void stage.kill('SIGTERM');
    assert.is(await ended, 0, stage.log());
    assert.equal(stage.service.runs[0]?.reasons, []);
    stage.service.runs[0]?.script.push('SUCCESS');
    await stage.start();
    await stage.until(id, 'SUCCESS');
    assert.is(stage.service.runs.length, 1);
  }, endless),
);

serving('ends a command at SIGTERM and says that it did', () =>
  onStage(async (stage) => {
    await stage.start();
    const id = await post(stage, 'by-command');
    await stage.until(id, 'IN_PROGRESS');
    await pause(500);
    const ended = stage.kill('SIGTERM');
    await pause(300);
    void stage.kill('SIGTERM');
    assert.is(await ended, 0, stage.log());
    await stage.start();
    const run = await stage.until(id, 'ERROR');
    assert.match(String(run.progress), /server was stopped/);
  }),
);

serving.run();
