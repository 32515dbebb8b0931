import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { claim, finish, order, publicUrl, type Stage, sha, slipwayYml, staged } from './stage.ts';

const runs = suite('/v1/runs');

const accept = async (stage: Stage, more: object = {}, key?: string) => {
  const { call } = stage;
  const answer = await call('spinnaker', 'POST', '/v1/runs', {
    body: { ...order, ...more },
    ...(key === undefined ? {} : { key }),
  });
  assert.is(answer.status, 202, answer.text);
  return answer.json;
};

runs(
  'accepts a run, durably, and gives it whole',
  staged(async (stage) => {
    const {
      id,
      created_at: created,
      ...run
    } = await accept(stage, {
      ref: 'main',
      deployment_id: 42,
      description: 'a release',
    });
    assert.ok(Math.abs(Date.parse(created) - Date.now()) < 10_000);
    assert.equal(run, {
      deployment: 'hello-production',
      repo: 'octo/hello',
      environment: 'production',
      commit: sha,
      ref: 'main',
      task: 'deploy',
      deployment_id: '42',
      status: 'QUEUED',
      progress: 'waits for its turn',
      description: 'a release',
      environment_url: null,
      started_at: null,
      ended_at: null,
      actor: 'spinnaker',
      source: 'api',
      status_url: `${publicUrl}/v1/runs/${id}`,
      cancel_url: `${publicUrl}/v1/runs/${id}/cancel`,
      html_url: `${publicUrl}/runs/${id}`,
      outputs: {},
    });
    assert.is((await stage.store.runs.get(id))?.status, 'QUEUED');
    const { request } = await claim(stage);
    assert.equal(request, {
      settings: { commit: sha, ref: 'main', deployment_id: '42', description: 'a release' },
    });
  }),
);

runs(
  'selects by repository and environment',
  staged(async ({ call }) => {
    const body = { owner: 'Octo', repo: 'hello', environment: 'PRODUCTION', commit: sha };
    const answer = await call('spinnaker', 'POST', '/v1/runs', { body });
    assert.is(answer.status, 202);
    assert.is(answer.json.deployment, 'hello-production');
  }),
);

const refusals: readonly (readonly [string, object | string, number, string, RegExp])[] = [
  ['what is no JSON', '{', 400, 'not_json', /not JSON/],
  ['a list', [], 400, 'not_an_object', /JSON object/],
  ['nothing', '', 400, 'not_json', /not JSON/],
  ['a typo', { ...order, comit: sha }, 400, 'invalid', /did you mean commit\?/],
  ['a wrong value', { ...order, commit: 'main' }, 400, 'invalid', /commit .*40 or 64 hex/],
  ['a secret', { ...order, github_token: 'x' }, 400, 'invalid', /github_token/],
  ['a target', { ...order, target: 'command' }, 400, 'invalid', /target/],
  ['a command', { ...order, command: 'rm -rf /' }, 400, 'invalid', /command/],
  ['a status context', { ...order, status_context: 'x' }, 400, 'invalid', /status_context/],
  ['a fixed setting', { ...order, environment_url: 'https://evil' }, 422, 'not_open', /is fixed/],
  ['nothing selected', { commit: sha }, 422, 'not_selected', /Name a deployment/],
  ['an unknown name', { deployment: 'hello-x' }, 422, 'no_deployment', /No deployment/],
  ['somebody else’s', { deployment: 'other-hello' }, 403, 'forbidden', /may not use/],
  [
    'another place',
    { ...order, repo: 'octo/other', environment: 'production' },
    422,
    'other_place',
    /repo is/,
  ],
  ['no commit where one is needed', { deployment: 'hello-tree' }, 422, 'no_commit', /commit, ref/],
  [
    'one that only a forge starts',
    { deployment: 'hello-group', commit: sha },
    422,
    'not_by_api',
    /on/,
  ],
  [
    'an unresolved expression',
    { ...order, ref: "${parameterValues['ref']}" },
    422,
    'unresolved',
    /not resolved/,
  ],
  ['a template that Orca left', '{"ref": ${#toJson(x)}}', 422, 'unresolved', /template/],
];
for (const [what, body, status, error, words] of refusals) {
  runs(
    `refuses ${what} with ${status}`,
    staged(async ({ call, store }) => {
      for (const url of ['/v1/runs', '/spinnaker/v1/runs']) {
        const answer = await call('spinnaker', 'POST', url, { body, key: 'k' });
        assert.is(answer.status, status, answer.text);
        assert.is(answer.headers['content-type'], 'application/json');
        assert.is(answer.json.error, error);
        assert.match(JSON.stringify(answer.json), words);
        assert.not.match(answer.text, '${');
        assert.ok(answer.text.length < 2048);
      }
      assert.equal((await store.runs.list({})).runs, []);
    }),
  );
}

runs(
  'gives the same run for the same key, however its JSON is written',
  staged(async (stage) => {
    const first = await accept(stage, { ref: null }, 'k');
    const again = await stage.call('spinnaker', 'POST', '/v1/runs', {
      body: `{ "commit": "${sha}",\n "ref": "", "deployment": "hello-production" }`,
      key: 'k',
    });
    assert.is(again.status, 200);
    assert.equal(again.json, first);
    await finish(stage);
    const late = await stage.call('spinnaker', 'POST', '/v1/runs', { body: order, key: 'k' });
    assert.is(late.status, 200);
    assert.is(late.json.status, 'SUCCESS');
    assert.is(late.json.id, first.id);
  }),
);

runs(
  'refuses a key that comes with another body, and keeps the keys of two tokens apart',
  staged(async (stage) => {
    const first = await accept(stage, {}, 'k');
    const other = { ...order, ref: 'main' };
    const reused = await stage.call('spinnaker', 'POST', '/v1/runs', { body: other, key: 'k' });
    assert.is(reused.status, 422);
    assert.is(reused.json.error, 'key_reused');
    assert.match(reused.json.message, first.id);
    const theirs = await stage.call('operator', 'POST', '/v1/runs', { body: other, key: 'k' });
    assert.is(theirs.status, 202);
    assert.is.not(theirs.json.id, first.id);
  }),
);

runs(
  'makes one run of many at once with one key, and one each without',
  staged(async (stage) => {
    const ask = (key?: string) =>
      stage.call('spinnaker', 'POST', '/v1/runs', { body: order, ...(key ? { key } : {}) });
    const same = await Promise.all(Array.from({ length: 20 }, () => ask('k')));
    assert.is(new Set(same.map(({ json }) => json.id)).size, 1);
    assert.equal(same.map(({ status }) => status).sort(), [...Array(19).fill(200), 202]);
    const each = await Promise.all(Array.from({ length: 5 }, () => ask()));
    assert.is(new Set(each.map(({ json }) => json.id)).size, 5);
  }),
);

runs(
  'finds the run of a key although slipway.yml has changed since',
  staged(async (stage) => {
    const first = await accept(stage, {}, 'k');
    stage.now.yml = slipwayYml().replace('name: hello-production', 'name: hello-renamed');
    const again = await stage.call('spinnaker', 'POST', '/v1/runs', { body: order, key: 'k' });
    assert.is(again.status, 200);
    assert.is(again.json.id, first.id);
    const other = { deployment: 'hello-gone', commit: sha };
    const refused = await stage.call('spinnaker', 'POST', '/v1/runs', { body: other, key: 'k' });
    assert.is(refused.status, 422);
    assert.is(refused.json.error, 'no_deployment');
  }),
);

runs(
  'shows the run of a key to nobody who may no longer use its deployment',
  staged(async (stage) => {
    const { id } = await accept(stage, {}, 'k');
    stage.now.yml = slipwayYml().replace(
      "read], deployments: ['hello-*']",
      "read], deployments: ['hi-*']",
    );
    const again = await stage.call('spinnaker', 'POST', '/v1/runs', { body: order, key: 'k' });
    assert.is(again.status, 403, again.text);
    assert.not.match(again.text, id);
  }),
);

runs(
  'makes one run of two bodies at once with one key, and tells the other',
  staged(async (stage) => {
    const ask = (ref: string) =>
      stage.call('spinnaker', 'POST', '/v1/runs', { body: { ...order, ref }, key: 'k' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => ask(at % 2 ? 'main' : 'next')),
    );
    const ids = new Set(answers.flatMap(({ json }) => json.id ?? []));
    assert.is(ids.size, 1);
    const [run] = (await stage.store.runs.list({})).runs;
    for (const [at, { status, json }] of answers.entries()) {
      if (run?.ref === (at % 2 ? 'main' : 'next')) assert.ok([200, 202].includes(status));
      else assert.equal([status, json.error], [422, 'key_reused']);
    }
    assert.is((await stage.store.runs.list({})).runs.length, 1);
  }),
);

runs(
  'refuses a key that holds an expression, is longer than any, or differs by who sends it',
  staged(async ({ call }) => {
    for (const [key, status, error] of [
      ['${execution.id}.x', 422, 'unresolved'],
      ['${execution.id', 422, 'unresolved'],
      ['k'.repeat(256), 400, 'invalid'],
      ['schlüssel', 400, 'invalid'],
    ] as const) {
      const answer = await call('spinnaker', 'POST', '/v1/runs', { body: order, key });
      assert.is(answer.status, status);
      assert.is(answer.json.error, error);
    }
  }),
);

runs(
  'says that a deployment is busy where it does not queue',
  staged(async ({ call }) => {
    const body = { deployment: 'hello-refuse', commit: sha };
    const first = await call('spinnaker', 'POST', '/v1/runs', { body, key: 'a' });
    const second = await call('spinnaker', 'POST', '/v1/runs', { body, key: 'b' });
    assert.is(second.status, 409);
    assert.is(second.json.error, 'busy');
    assert.match(second.json.message, first.json.id);
    assert.is((await call('spinnaker', 'POST', '/v1/runs', { body, key: 'a' })).status, 200);
  }),
);

runs(
  'ends waiting runs for the newest where slipway.yml says latest',
  staged(async ({ call }) => {
    const body = { deployment: 'hello-staging', commit: sha };
    const { json } = await call('spinnaker', 'POST', '/v1/runs', { body });
    await call('spinnaker', 'POST', '/v1/runs', { body });
    const plain = await call('spinnaker', 'GET', `/v1/runs/${json.id}`);
    assert.is(plain.json.status, 'SUPERSEDED');
    const shown = await call('spinnaker', 'GET', `/spinnaker/v1/runs/${json.id}`);
    assert.is(shown.json.status, 'CANCELED');
  }),
);

runs(
  'lists runs newest first, page by page, within the bounds of the token',
  staged(async (stage) => {
    const made: string[] = [];
    for (let at = 0; at < 5; at += 1) made.unshift((await accept(stage)).id);
    await stage.call('operator', 'POST', '/v1/runs', {
      body: { deployment: 'other-hello', commit: sha },
    });
    const first = (await stage.call('reader', 'GET', '/v1/runs?limit=3')).json;
    const second = (await stage.call('reader', 'GET', `/v1/runs?limit=3&cursor=${first.next}`))
      .json;
    const ids = [...first.runs, ...second.runs].map(({ id }: { id: string }) => id);
    assert.equal(ids, made);
    assert.is(second.next, null);
    assert.is((await stage.call('operator', 'GET', '/v1/runs')).json.runs.length, 6);
    const environment = '/v1/runs?environment=other&status=queued&deployment=other-hello';
    assert.is((await stage.call('operator', 'GET', environment)).json.runs.length, 1);
    assert.is((await stage.call('reader', 'GET', environment)).status, 403);
  }),
);

runs(
  'judges the query of a list as strictly as a body',
  staged(async ({ call }) => {
    const wrong = ['stat=QUEUED', 'status=DONE', 'limit=0', 'limit=501', 'limit=x', 'cursor=x'];
    for (const query of [...wrong, 'status=QUEUED&status=ERROR']) {
      const answer = await call('reader', 'GET', `/v1/runs?${query}`);
      assert.is(answer.status, 400, query);
      assert.is(answer.json.error, 'invalid');
    }
    const typo = await call('reader', 'GET', '/v1/runs?enviroment=x');
    assert.match(typo.json.message, 'did you mean environment?');
  }),
);

runs(
  'shows a run as it goes on, and its end for good',
  staged(async (stage) => {
    const { id } = await accept(stage);
    const see = async () => (await stage.call('reader', 'GET', `/v1/runs/${id}`)).json;
    const lease = await claim(stage);
    assert.is((await see()).status, 'IN_PROGRESS');
    assert.is((await see()).progress, 'is in progress');
    await lease.tell({ progress: '2 of 3 pods', environmentUrl: 'https://hello.example.com' });
    assert.is((await see()).progress, '2 of 3 pods');
    assert.is((await see()).environment_url, 'https://hello.example.com');
    await lease.end('FAILURE', { text: 'pod 3 crashed', outputs: { release: 'R1' } });
    const end = await see();
    assert.is(end.status, 'FAILURE');
    assert.is(end.progress, 'pod 3 crashed');
    assert.equal(end.outputs, { release: 'R1' });
    assert.ok(end.ended_at >= end.started_at);
    assert.equal(await see(), end);
  }),
);

runs(
  'says 404 in JSON for a run that is not there, and 403 for somebody else’s',
  staged(async (stage) => {
    const { id } = await accept(stage);
    for (const url of ['/v1/runs/nope', `/v1/runs/${'0'.repeat(300)}`, '/spinnaker/v1/runs/nope']) {
      const answer = await stage.call('reader', 'GET', url);
      assert.is(answer.status, 404);
      assert.is(answer.json.error, 'not_found');
    }
    for (const [method, end] of [
      ['GET', ''],
      ['GET', '/log'],
      ['GET', '/events'],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await stage.call('stranger', method, `/v1/runs/${id}${end}`);
      assert.is(answer.status, 403, end);
    }
    assert.is((await stage.store.runs.get(id))?.cancel, undefined);
  }),
);

runs(
  'cancels by POST and DELETE, with a reason or without a body',
  staged(async (stage) => {
    const waiting = await accept(stage);
    const answer = await stage.call('spinnaker', 'POST', `/v1/runs/${waiting.id}/cancel`, {
      body: { reason: 'wrong branch' },
    });
    assert.is(answer.status, 200);
    assert.is(answer.json.status, 'CANCELED');
    const run = await stage.store.runs.get(waiting.id);
    assert.is(run?.cancel?.by, 'spinnaker');
    assert.is(run?.cancel?.reason, 'wrong branch');
    const running = await accept(stage);
    const lease = await claim(stage);
    const headers = { 'content-type': 'application/json', 'content-length': '0' };
    const asked = await stage.call('spinnaker', 'DELETE', `/v1/runs/${running.id}/cancel`, {
      headers,
    });
    assert.is(asked.json.status, 'IN_PROGRESS');
    assert.is(asked.json.progress, 'is being cancelled');
    assert.is((await lease.renew())?.by, 'spinnaker');
    await lease.end('CANCELED', { text: 'stopped' });
    const late = await stage.call('spinnaker', 'POST', `/v1/runs/${running.id}/cancel`);
    assert.is(late.status, 200);
    assert.is(late.json.progress, 'stopped');
  }),
);

runs(
  'leaves a success a success, whoever cancels after it',
  staged(async (stage) => {
    const { id } = await accept(stage);
    await finish(stage);
    for (const method of ['POST', 'DELETE', 'POST']) {
      const answer = await stage.call('spinnaker', method, `/v1/runs/${id}/cancel`);
      assert.is(answer.json.status, 'SUCCESS');
    }
  }),
);

runs(
  'says what is wrong with the body of a cancellation',
  staged(async (stage) => {
    const { id } = await accept(stage);
    for (const body of ['nope', '[]', '\n', '{"reson":"x"}', '{"reason":1}']) {
      const answer = await stage.call('spinnaker', 'POST', `/v1/runs/${id}/cancel`, { body });
      assert.is(answer.status, 400, body);
    }
    assert.is((await stage.store.runs.get(id))?.status, 'QUEUED');
  }),
);

runs(
  'takes no new runs while it starts or ends, and answers everything else',
  staged(async (stage) => {
    const { id } = await accept(stage);
    stage.now.ready = false;
    for (const url of ['/v1/runs', '/spinnaker/v1/runs']) {
      const answer = await stage.call('spinnaker', 'POST', url, { body: order, key: 'k' });
      assert.is(answer.status, 503);
      assert.is(answer.json.error, 'unavailable');
      assert.is(answer.headers['retry-after'], undefined);
    }
    assert.is((await stage.call('reader', 'GET', `/v1/runs/${id}`)).status, 200);
    assert.is((await stage.call('spinnaker', 'POST', `/v1/runs/${id}/cancel`)).status, 200);
    assert.is((await stage.call(undefined, 'GET', '/readyz')).status, 503);
    stage.now.opened = false;
    const poll = await stage.call('reader', 'GET', `/spinnaker/v1/runs/${id}`);
    assert.is(poll.status, 503);
    assert.is(poll.json.error, 'unavailable');
    assert.is((await stage.call(undefined, 'GET', '/healthz')).status, 200);
  }),
);

runs.run();
