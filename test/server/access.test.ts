import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSlowdown } from '../../src/server/slowdown.ts';
import { manualClock } from '../support/manual-clock.ts';
import { openStage, order, publicUrl, slipwayYml, staged, tokens } from './stage.ts';

const access = suite('access');

const routes = [
  ['POST', '/v1/runs'],
  ['GET', '/v1/runs'],
  ['GET', '/v1/runs/x'],
  ['POST', '/v1/runs/x/cancel'],
  ['DELETE', '/v1/runs/x/cancel'],
  ['GET', '/v1/runs/x/log'],
  ['GET', '/v1/runs/x/events'],
  ['POST', '/spinnaker/v1/runs'],
  ['GET', '/spinnaker/v1/runs/x'],
  ['POST', '/spinnaker/v1/executions/a/stages/b/cancel'],
  ['DELETE', '/spinnaker/v1/executions/a/stages/b/cancel'],
  ['POST', '/spinnaker/v1/statuses'],
  ['GET', '/metrics'],
] as const;

access(
  'asks for a token on every route of the APIs, before it looks at anything else',
  staged(async ({ call }) => {
    for (const [method, url] of routes) {
      const { status, json, headers } = await call(undefined, method, url);
      assert.is(status, 401, url);
      assert.is(headers['content-type'], 'application/json');
      assert.is(headers['www-authenticate'], 'Bearer');
      assert.is(json.error, 'unauthorized');
    }
  }),
);

access(
  'lets a token do what it may, and nothing else',
  staged(async ({ call }) => {
    const tries = [
      ['reader', 'POST', '/v1/runs', 403],
      ['reader', 'GET', '/v1/runs', 200],
      ['writer', 'POST', '/v1/runs', 202],
      ['writer', 'GET', '/v1/runs', 403],
      ['reporter', 'POST', '/spinnaker/v1/runs', 403],
      ['reporter', 'POST', '/spinnaker/v1/statuses', 400],
      ['spinnaker', 'POST', '/spinnaker/v1/statuses', 403],
      ['spinnaker', 'GET', '/metrics', 403],
      ['operator', 'GET', '/metrics', 200],
      ['operator', 'POST', '/v1/runs', 202],
      ['operator', 'POST', '/spinnaker/v1/statuses', 400],
      ['stranger', 'POST', '/v1/runs', 403],
    ] as const;
    for (const [who, method, url, status] of tries) {
      const body = method === 'POST' ? { body: order } : {};
      const answer = await call(who, method, url, body);
      assert.is(answer.status, status, `${who} ${method} ${url}`);
    }
  }),
);

access(
  'tells a token that Orca did not resolve from a wrong one, without saying it again',
  staged(async ({ call }) => {
    for (const [value, words] of [
      ['Bearer ${SLIPWAY_TOKEN}', 'nobody resolved'],
      ['Bearer wrong-token-00000', 'not known'],
      ['Basic dXNlcjpwYXNz', 'Send the header'],
    ] as const) {
      const { status, json, text } = await call(undefined, 'GET', '/v1/runs', {
        headers: { authorization: value },
      });
      assert.is(status, 401);
      assert.match(json.message, words);
      assert.not.match(text, 'SLIPWAY_TOKEN');
    }
  }),
);

access(
  'knows a new value of a token at once, and the old one no more',
  staged(async (stage) => {
    stage.now.env.T_READER = 'reader-token-replaced';
    assert.is((await stage.call('reader', 'GET', '/v1/runs')).status, 401);
    const headers = { authorization: 'bearer  reader-token-replaced ' };
    assert.is((await stage.call(undefined, 'GET', '/v1/runs', { headers })).status, 200);
  }),
);

access('answers wrong tokens ever later, and right ones at once', async () => {
  const clock = manualClock();
  const stage = await openStage({ clock });
  const headers = { authorization: 'Bearer wrong' };
  const wrong = () => stage.call(undefined, 'GET', '/v1/runs', { headers });
  for (let at = 0; at < 3; at += 1) assert.is((await wrong()).status, 401);
  const others = clock.waiting(250);
  let isAnswered = false;
  const fourth = wrong().then((answer) => {
    isAnswered = true;
    return answer;
  });
  assert.is((await stage.call('reader', 'GET', '/v1/runs')).status, 200);
  assert.is(clock.waiting(250) - others, 1);
  assert.not(isAnswered);
  await clock.advance(250);
  assert.is((await fourth).status, 401);
  await stage.end();
});

access('lets no address hold more than a few answers, and keeps few addresses', async () => {
  const clock = manualClock();
  const { failed } = createSlowdown(clock);
  for (let at = 0; at < 3; at += 1) assert.ok(await failed('a'));
  const waiting = Array.from({ length: 32 }, () => failed('a'));
  assert.is(await failed('a'), false);
  assert.is(await failed('b'), true);
  await clock.advance(4000);
  assert.equal(await Promise.all(waiting), Array(32).fill(true));
  await clock.advance(10 * 60_000);
  assert.ok(await failed('a'));
  for (let at = 0; at < 5000; at += 1) await failed(`address ${at}`);
  assert.ok(await failed('address 0'));
});

access(
  'shows figures to everybody where slipway.yml says so',
  staged(
    async (stage) => {
      await stage.call('spinnaker', 'POST', '/v1/runs', { body: order });
      const { status, text, headers } = await stage.call(undefined, 'GET', '/metrics');
      assert.is(status, 200);
      assert.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
      assert.match(text, 'slipway_runs{status="QUEUED"} 1');
      assert.match(text, 'slipway_queue_depth 1');
      assert.match(text, 'slipway_info{version="1.2.3"} 1');
      assert.match(text, 'slipway_runs_accepted_total{door="api",outcome="accepted"} 1');
      assert.match(text, 'slipway_intake_seconds_count{door="api"} 1');
      assert.match(
        text,
        /^slipway_http_requests_total\{method="POST",route="\/v1\/runs",status="202"\} 1$/m,
      );
      // Every line is a comment or one sample.
      for (const line of text.trim().split('\n')) {
        assert.match(
          line,
          /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? [\d.e+-]+)$/,
        );
      }
    },
    { yml: slipwayYml({ metrics: 'public' }) },
  ),
);

access(
  'is ready while its store takes runs, and alive without it',
  staged(async (stage) => {
    const ready = () => stage.call(undefined, 'GET', '/readyz');
    assert.equal((await ready()).json, { status: 'ready' });
    stage.now.opened = false;
    assert.is((await ready()).status, 200, 'one answer serves for a second');
    stage.now.ready = false;
    assert.is((await ready()).json.error, 'not_ready');
    assert.equal((await stage.call(undefined, 'GET', '/healthz')).json, {
      status: 'ok',
      version: '1.2.3',
    });
  }),
);

access(
  'answers unknown addresses with 404 and wrong methods with 405, in JSON',
  staged(async ({ call }) => {
    for (const url of ['/nope', '/v1', '/v2/runs', '/v1/runs/a/b', '/hooks/svn', '/wp-login.php']) {
      const { status, json } = await call('operator', 'GET', url);
      assert.is(status, 404, url);
      assert.is(json.error, 'not_found');
    }
    for (const [method, url, allow] of [
      ['PUT', '/v1/runs', 'GET, HEAD, POST'],
      ['GET', '/hooks/github', 'POST'],
      ['POST', '/healthz', 'GET, HEAD'],
      ['PATCH', '/v1/runs/x', 'GET, HEAD'],
      ['OPTIONS', '/v1/runs/x/cancel', 'DELETE, POST'],
    ] as const) {
      const { status, json, headers } = await call('operator', method, url);
      assert.is(status, 405, `${method} ${url}`);
      assert.is(headers.allow, allow);
      assert.is(json.error, 'wrong_method');
    }
  }),
);

access(
  'makes no link of what a caller says that the host is',
  staged(async ({ call }) => {
    const headers = {
      ...{
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example',
      },
      ...{
        'x-forwarded-proto': 'http',
        'x-original-url': '/evil.example',
        origin: 'https://evil.example',
      },
    };
    const { json } = await call('spinnaker', 'POST', '/v1/runs', { body: order, headers });
    for (const url of [
      '/',
      '/login',
      '/docs',
      '/openapi.json',
      `/v1/runs/${json.id}`,
      '/v1/runs',
    ]) {
      const answer = await call('spinnaker', 'GET', url, { headers });
      assert.not.match(JSON.stringify(answer), 'evil.example', url);
    }
    assert.is(json.status_url, `${publicUrl}/v1/runs/${json.id}`);
  }),
);

access(
  'answers HEAD as GET, without a body',
  staged(async ({ call }) => {
    const { json } = await call('spinnaker', 'POST', '/v1/runs', { body: order });
    for (const end of ['', '/log', '/log?follow=1', '/events']) {
      const { status, text } = await call('reader', 'HEAD', `/v1/runs/${json.id}${end}`);
      assert.is(status, 200, end);
      assert.is(text, '');
    }
  }),
);

access(
  'says nothing of tokens in its log',
  staged(async ({ call, notes }) => {
    await call('spinnaker', 'POST', '/v1/runs', { body: order });
    await call('spinnaker', 'POST', '/spinnaker/v1/runs', { body: order });
    await call(undefined, 'GET', '/v1/runs', { headers: { authorization: 'Bearer wrong-0000' } });
    const text = notes.lines.join('\n');
    assert.match(text, 'is accepted');
    for (const value of [...Object.values(tokens), 'wrong-0000']) assert.not.match(text, value);
  }),
);

access.run();
