import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStage, order } from './stage.ts';

const troubles = suite('when the store takes nothing');

troubles('says so in JSON without a word of why, and goes on when it does again', async () => {
  const stage = await openStage();
  const { json } = await stage.call('spinnaker', 'POST', '/v1/runs', { body: order });
  const holder = new DatabaseSync(path.join(stage.dataDir, 'slipway.db'));
  holder.exec('BEGIN IMMEDIATE');
  const ask = () => stage.call('spinnaker', 'POST', '/v1/runs', { body: order, key: 'k' });
  for (const answer of [
    await ask(),
    await stage.call('spinnaker', 'POST', `/v1/runs/${json.id}/cancel`),
    await stage.call(undefined, 'GET', '/readyz'),
  ]) {
    assert.is(answer.status, 503, answer.text);
    assert.is(answer.headers['content-type'], 'application/json');
    assert.is(answer.headers['retry-after'], undefined);
    assert.not.match(answer.text, /sqlite|database|slipway\.db/i);
  }
  assert.is((await stage.call('reader', 'GET', `/v1/runs/${json.id}`)).status, 200);
  assert.is((await stage.call(undefined, 'GET', '/healthz')).status, 200);
  assert.match(stage.notes.at('error').join('\n'), 'POST /v1/runs could not be answered');
  holder.exec('ROLLBACK');
  holder.close();
  assert.is((await ask()).status, 202);
  await stage.end();
});

troubles.run();
