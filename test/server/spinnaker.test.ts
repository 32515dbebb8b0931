import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import {
  claim,
  finish,
  openStage,
  publicUrl,
  type Stage,
  sha,
  stageBody,
  staged,
} from './stage.ts';

const spinnaker = suite('/spinnaker/v1');

const key = '01J.01K.1764288000000';
const create = (stage: Stage, body: object | string | Buffer = stageBody, more: object = {}) =>
  stage.call('spinnaker', 'POST', '/spinnaker/v1/runs', { body, key, ...more });
const cancelUrl = '/spinnaker/v1/executions/01J/stages/01K/cancel';

spinnaker(
  'accepts what Orca sends, and says where to poll',
  staged(async (stage) => {
    const { status, json, headers } = await create(stage);
    assert.is(status, 202);
    assert.is(headers['content-type'], 'application/json');
    assert.is(headers['set-cookie'], undefined);
    assert.is(json.status, 'QUEUED');
    assert.is(json.status_url, `${publicUrl}/spinnaker/v1/runs/${json.id}`);
    assert.is(json.deployment_id, '42');
    assert.is(json.actor, 'shop / Deploy');
    assert.is(json.source, 'spinnaker');
    assert.equal((await claim(stage)).request, {
      settings: { deployment_id: '42' },
      spinnaker: stageBody.spinnaker,
    });
  }),
);

spinnaker(
  'sends nobody elsewhere: of a POST that is, okhttp makes a GET',
  staged(async (stage) => {
    const { json } = await create(stage);
    const run = `/spinnaker/v1/runs/${json.id}`;
    const paths = ['/spinnaker/v1/runs', run, cancelUrl, '/spinnaker/v1/statuses', '/spinnaker/v1'];
    const forms = [
      (path: string) => path,
      (path: string) => `${path}/`,
      (path: string) => `/${path}`,
      (path: string) => path.toUpperCase(),
      (path: string) => `${path}?a=1`,
      (path: string) => path.replace('/v1/', '/v1//'),
      (path: string) => `${path}/../runs`,
    ];
    const asked = paths.flatMap((path) => forms.map((form) => form(path)));
    for (const url of asked) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        for (const who of ['spinnaker', 'reporter', undefined] as const) {
          const { status } = await stage.call(who, method, url, { key, body: stageBody });
          assert.ok(status < 300 || status >= 400, `${method} ${url} as ${who}: ${status}`);
        }
      }
    }
  }),
);

spinnaker(
  'takes ids as numbers and as texts, and what is not set as null or empty',
  staged(async (stage) => {
    for (const [at, id] of [42, '42', '0', 0, '', null].entries()) {
      const answer = await create(stage, { ...stageBody, deployment_id: id }, { key: `k${at}` });
      assert.is(answer.status, 202, answer.text);
      assert.is(answer.json.deployment_id, at < 2 ? '42' : null);
    }
  }),
);

spinnaker(
  'gives the run of a replay although it is over, never 409',
  staged(async (stage) => {
    const body = { deployment: 'hello-refuse', commit: sha };
    const first = await create(stage, body);
    const again = await create(stage, body);
    assert.is(again.status, 200);
    assert.is(again.json.id, first.json.id);
    await finish(stage);
    const late = await create(stage, body);
    assert.is(late.status, 200);
    assert.is(late.json.status, 'SUCCESS');
    const restarted = await create(stage, body, { key: '01J.01K.2' });
    assert.is(restarted.status, 202);
    assert.is.not(restarted.json.id, first.json.id);
  }),
);

spinnaker(
  'says status and progress as texts in every state, in words that Orca knows',
  staged(async (stage) => {
    const words = new Map([
      ['SUCCESS', 'SUCCESS'],
      ['FAILURE', 'FAILURE'],
      ['ERROR', 'ERROR'],
      ['TIMED_OUT', 'TIMED_OUT'],
      ['CANCELED', 'CANCELED'],
      ['SUPERSEDED', 'CANCELED'],
      ['REFUSED', 'FAILURE'],
    ] as const);
    for (const [end, word] of words) {
      const { json } = await create(stage, stageBody, { key: end });
      const poll = async () => {
        const answer = await stage.call('spinnaker', 'GET', `/spinnaker/v1/runs/${json.id}`, {
          headers: { 'content-type': 'application/json', 'content-length': '0' },
        });
        assert.is(answer.status, 200);
        assert.is(answer.headers['content-type'], 'application/json');
        assert.type(answer.json.status, 'string');
        assert.type(answer.json.progress, 'string');
        assert.ok(answer.json.progress !== '');
        assert.ok(answer.text.length < 2048);
        return answer.json.status;
      };
      assert.is(await poll(), 'QUEUED');
      const lease = await claim(stage);
      assert.is(await poll(), 'IN_PROGRESS');
      await lease.end(end, { text: '' });
      assert.is(await poll(), word);
    }
  }),
);

spinnaker(
  'keeps answers small, whatever a deploy says of itself',
  staged(async (stage) => {
    const { json } = await create(stage);
    const lease = await claim(stage);
    const outputs = { long: 'x'.repeat(5000) };
    await lease.end('FAILURE', {
      text: `😀${'é"\\'.repeat(4000)}`,
      outputs,
      change: { description: 'd'.repeat(3000) },
    });
    const answer = await stage.call('spinnaker', 'GET', `/spinnaker/v1/runs/${json.id}`);
    assert.ok(Buffer.byteLength(answer.text) < 4096, `${Buffer.byteLength(answer.text)}`);
    assert.match(answer.json.progress, /…$/);
    assert.equal(answer.json.outputs, {});
    const whole = await stage.call('spinnaker', 'GET', `/v1/runs/${json.id}`);
    assert.equal(whole.json.outputs, outputs);
  }),
);

spinnaker(
  'never says what Orca would evaluate',
  staged(async (stage) => {
    const { json } = await create(stage);
    const lease = await claim(stage);
    const nasty = '${execution.id} $${7*7} ${';
    await lease.end('FAILURE', {
      text: nasty,
      outputs: { nasty },
      change: { description: nasty, environmentUrl: `https://x/${nasty}` },
    });
    for (const url of [`/spinnaker/v1/runs/${json.id}`, `/v1/runs/${json.id}`, '/v1/runs']) {
      const { text } = await stage.call('spinnaker', 'GET', url);
      assert.not.match(text, '${');
      assert.match(text, '$ {execution.id}');
    }
    const events = await stage.call('spinnaker', 'GET', `/v1/runs/${json.id}/events`);
    assert.not.match(events.text, '${');
  }),
);

spinnaker(
  'cancels by the key, not by what the stage is called',
  staged(async (stage) => {
    const first = (await create(stage)).json;
    await finish(stage);
    const second = (await create(stage, stageBody, { key: '01J.01K.2' })).json;
    const late = await stage.call('spinnaker', 'POST', cancelUrl, {
      body: { key, reason: 'late' },
    });
    assert.is(late.status, 200);
    assert.is(late.json.id, first.id);
    assert.is(late.json.status, 'SUCCESS');
    assert.is((await stage.store.runs.get(second.id))?.status, 'QUEUED');
    const answer = await stage.call('spinnaker', 'POST', cancelUrl, {
      body: { key: '01J.01K.2', reason: 'canceled by Spinnaker' },
    });
    assert.is(answer.json.status, 'CANCELED');
    const run = await stage.store.runs.get(second.id);
    assert.is(run?.cancel?.by, 'Spinnaker');
    assert.is(run?.cancel?.reason, 'canceled by Spinnaker');
  }),
);

spinnaker(
  'takes the key of the header where the body has none, by DELETE too',
  staged(async (stage) => {
    for (const [at, method] of ['POST', 'DELETE'].entries()) {
      const own = `k${at}`;
      await create(stage, stageBody, { key: own });
      const headers = { 'content-type': 'application/json', 'content-length': '0' };
      const answer = await stage.call('spinnaker', method, cancelUrl, { key: own, headers });
      assert.is(answer.status, 200);
      assert.is(answer.json.status, 'CANCELED');
    }
  }),
);

spinnaker(
  'does no harm by a cancellation of what it does not know, whatever its body is',
  staged(async (stage) => {
    const { json } = await create(stage);
    const bodies = ['', '{', '[]', '{"key":null}', '{"key":"other"}', '{"key":"${execution.id}"}'];
    for (const body of bodies) {
      const answer = await stage.call('spinnaker', 'POST', cancelUrl, { body });
      assert.is(answer.status, 200, body);
      assert.ok(answer.json.ignored);
    }
    const theirs = await stage.call('stranger', 'POST', cancelUrl, { body: { key } });
    assert.ok(theirs.json.ignored);
    assert.is((await stage.store.runs.get(json.id))?.status, 'QUEUED');
    // What was cancelled before it was created starts all the same: the cancellation was of another stage's try.
    await stage.call('spinnaker', 'POST', cancelUrl, { body: { key: 'early' } });
    assert.is((await create(stage, stageBody, { key: 'early' })).json.status, 'QUEUED');
    await stage.call('spinnaker', 'POST', cancelUrl, { body: { key: 'early' } });
    const twice = await stage.call('spinnaker', 'POST', cancelUrl, { body: { key: 'early' } });
    assert.is(twice.json.status, 'CANCELED');
  }),
);

spinnaker(
  'warns of requests that nobody can tell from their repetition',
  staged(async (stage) => {
    const answer = await stage.call('spinnaker', 'POST', '/spinnaker/v1/runs', { body: stageBody });
    assert.is(answer.status, 202);
    assert.match(stage.notes.at('warn').join(), 'without the header Idempotency-Key');
  }),
);

const status = { owner: 'octo', repo: 'hello', deployment_id: 42, state: 'success' };

spinnaker(
  'hands a status on, with the deployments whose token could post it',
  staged(async (stage) => {
    const answer = await stage.call('reporter', 'POST', '/spinnaker/v1/statuses', {
      body: { ...status, description: ' all pods serve ' },
    });
    assert.is(answer.status, 200);
    assert.equal(answer.json, { status: 'SUCCESS', progress: 'told octo/hello#42 success' });
    const [{ candidates, ...order } = { candidates: [] }] = stage.posted;
    assert.equal(order, {
      repository: 'octo/hello',
      deploymentId: '42',
      state: 'success',
      description: 'all pods serve',
      by: 'reporter',
    });
    assert.equal(candidates.map(({ name }) => name).sort(), [
      'hello-gitea',
      'hello-production',
      'hello-refuse',
      'hello-staging',
    ]);
  }),
);

for (const [what, change, code, error] of [
  ['a typo', { sate: 'success' }, 400, 'invalid'],
  ['an unknown state', { state: 'done' }, 400, 'invalid'],
  ['no id', { deployment_id: '' }, 400, 'invalid'],
  ['another id', { deployment_id: 'x' }, 400, 'invalid'],
  ['an expression', { state: '${state}' }, 422, 'unresolved'],
  ['another repository', { repo: 'other' }, 422, 'no_deployment'],
] as const) {
  spinnaker(
    `refuses a status with ${what}`,
    staged(async (stage) => {
      const body = { ...status, ...change };
      const answer = await stage.call('reporter', 'POST', '/spinnaker/v1/statuses', { body });
      assert.is(answer.status, code, answer.text);
      assert.is(answer.json.error, error);
      assert.not.match(answer.text, '${');
      assert.equal(stage.posted, []);
    }),
  );
}

spinnaker(
  'tells a no of the forge from an absence',
  staged(async (stage) => {
    const post = () => stage.call('reporter', 'POST', '/spinnaker/v1/statuses', { body: status });
    stage.now.status = { outcome: 'refused', message: 'octo/hello has no deployment 42' };
    const refused = await post();
    assert.is(refused.status, 422);
    assert.match(refused.json.message, 'has no deployment 42');
    stage.now.status = { outcome: 'unavailable', message: 'GitHub does not answer' };
    assert.is((await post()).status, 503);
    assert.is(
      (await stage.call('spinnaker', 'POST', '/spinnaker/v1/statuses', { body: status })).status,
      403,
    );
  }),
);

spinnaker(
  'keeps a cancellation for a store that is not open yet, for Orca says it once',
  staged(async (stage) => {
    const { json } = await create(stage);
    stage.now.opened = false;
    const asked = stage.call('spinnaker', 'POST', cancelUrl, { body: { key } });
    await systemClock.pause(50);
    stage.now.opened = true;
    const { status, json: after } = await asked;
    assert.equal([status, after.status], [200, 'CANCELED']);
    assert.is((await stage.store.runs.get(json.id))?.status, 'CANCELED');
  }),
);

const clock = manualClock();
spinnaker('keeps it beyond its own answer, and not for ever', async () => {
  const stage = await openStage({ clock });
  const { json } = await create(stage);
  stage.now.opened = false;
  const cancel = () => stage.call('spinnaker', 'POST', cancelUrl, { body: { key } });
  const asked = cancel();
  await clock.advance(5000);
  assert.is((await asked).status, 503);
  stage.now.opened = true;
  await clock.advance(1000);
  assert.is((await stage.store.runs.get(json.id))?.status, 'CANCELED');
  stage.now.opened = false;
  const late = cancel();
  await clock.advance(70_000);
  assert.is((await late).status, 503);
  assert.match(stage.notes.at('error').join(), /cancellation by the token spinnaker .*is lost/);
  stage.now.opened = true;
  await stage.end();
});

spinnaker.run();
