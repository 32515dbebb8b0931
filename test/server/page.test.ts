import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { html, textOf } from '../../src/server/page/html.ts';
import { claim, order, type Stage, sha, slipwayYml, staged, tokens, type Who } from './stage.ts';

const page = suite('the page');

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const signIn = async ({ call }: Stage, who: Who, next = '/'): Promise<string> => {
  const body = new URLSearchParams({ token: tokens[who], next }).toString();
  const answer = await call(undefined, 'POST', '/login', { body, headers: form });
  assert.is(answer.status, 303, answer.text);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
};
const see = (stage: Stage, url: string, cookie?: string) =>
  stage.call(undefined, 'GET', url, cookie === undefined ? {} : { headers: { cookie } });
const post = (stage: Stage, url: string, fields: Record<string, string>, headers = {}) =>
  stage.call(undefined, 'POST', url, {
    body: new URLSearchParams(fields).toString(),
    headers: { ...form, ...headers },
  });
const sealIn = (text: string): string => /name="seal" value="([\w-]{43})"/.exec(text)?.[1] ?? '';
const accept = async ({ call }: Stage, body: object = order): Promise<string> =>
  (await call('operator', 'POST', '/v1/runs', { body })).json.id;

page('makes markup of texts by escaping them alone', () => {
  const nasty = `<script>"'&`;
  const { length } = [1];
  const made = html`<a title="${nasty}">${[nasty, html`<b>${length}</b>`]}${undefined}${false}</a>`;
  const escaped = '&lt;script&gt;&quot;&#39;&amp;';
  assert.is(textOf(made), `<a title="${escaped}">${escaped}<b>1</b></a>`);
});

page(
  'shows strangers the way in, and where they wanted to go after it',
  staged(async (stage) => {
    const id = await accept(stage);
    const away = await see(stage, `/runs/${id}`);
    assert.is(away.status, 303);
    assert.is(away.headers.location, `/login?next=%2Fruns%2F${id}`);
    const login = await see(stage, String(away.headers.location));
    assert.match(login.text, 'name="token"');
    assert.match(login.text, `name="next" value="/runs/${id}"`);
    const body = { token: ` ${tokens.reader} `, next: `/runs/${id}` };
    const back = await post(stage, '/login', body);
    assert.is(back.status, 303);
    assert.is(back.headers.location, `/runs/${id}`);
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil', '/login', 'x']) {
      const { headers } = await post(stage, '/login', { token: tokens.reader, next });
      assert.is(headers.location, '/', next);
    }
    const long = await see(stage, `/?${'status=&'.repeat(1000)}`);
    assert.is(long.headers.location, '/login', 'a header of 8 KiB is lost at many a front');
  }),
);

page(
  'keeps a session in a cookie that no script, no other site and no plain connection sees',
  staged(async (stage) => {
    const { headers } = await post(stage, '/login', { token: tokens.reader });
    const cookie = String(headers['set-cookie']);
    assert.match(
      cookie,
      /^slipway_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=43200$/,
    );
    assert.not.match(cookie, tokens.reader);
    const session = cookie.split(';')[0] ?? '';
    assert.is((await see(stage, '/', session)).status, 200);
    const changed = session.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    assert.is((await see(stage, '/', changed)).status, 303);
    const other = session.replace(
      /=[\w-]+\./,
      `=${Buffer.from('operator').toString('base64url')}.`,
    );
    assert.is((await see(stage, '/', other)).status, 303);
    stage.now.env.T_READER = 'reader-token-replaced';
    assert.is((await see(stage, '/', session)).status, 303, 'a replaced token ends it');
  }),
);

page(
  'refuses a wrong token, and one that may not read, on the page itself',
  staged(async (stage) => {
    for (const [token, status, words] of [
      ['wrong-token-00000000', 401, 'is not known'],
      ['', 401, 'is not known'],
      [tokens.writer, 403, 'may not read'],
    ] as const) {
      const answer = await post(stage, '/login', { token });
      assert.is(answer.status, status);
      assert.match(answer.text, words);
      assert.is(answer.headers['set-cookie'], undefined);
    }
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    assert.is((await post(stage, '/login', { token: tokens.reader }, foreign)).status, 403);
  }),
);

page(
  'goes on at once for whoever comes by a link from elsewhere',
  staged(async (stage) => {
    const id = await accept(stage);
    const { status, text } = await stage.call(undefined, 'GET', `/runs/${id}`, {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    assert.is(status, 200);
    assert.match(text, `http-equiv="refresh" content="0;url=/runs/${id}"`);
    assert.not.match(text, 'hello-production');
  }),
);

page(
  'lets nothing in but its own style and script',
  staged(async (stage) => {
    const cookie = await signIn(stage, 'reader');
    const { text, headers } = await see(stage, '/', cookie);
    const policy = String(headers['content-security-policy']);
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
      assert.match(policy, part);
    }
    assert.not.match(policy, 'unsafe');
    assert.not.match(text, /<style|style=|onclick=|<script>/);
    const assets = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
      ([, at]) => at ?? '',
    );
    assert.is(assets.length, 2);
    for (const asset of assets) {
      const answer = await see(stage, asset);
      assert.is(answer.status, 200);
      assert.match(String(answer.headers['cache-control']), 'immutable');
    }
  }),
);

page(
  'links to the build that asked for a run, by https alone',
  staged(async (stage) => {
    const cookie = await signIn(stage, 'reader');
    const shownFor = async (link: string): Promise<string> => {
      const body = { deployment: 'hello-production', commit: sha, log_url: link };
      const { status, json } = await stage.call('spinnaker', 'POST', '/v1/runs', { body });
      assert.is(status, 202, JSON.stringify(json));
      const live = await see(stage, `/runs/${json.id}`, cookie);
      return live.text;
    };
    const build = 'https://ci.example.com/octo/hello/7?tab=log&x="><script>';
    assert.match(
      await shownFor(build),
      '<dt>CI</dt><dd><a href="https://ci.example.com/octo/hello/7?tab=log&amp;x=&quot;&gt;&lt;script&gt;" rel="noreferrer">ci.example.com ↗</a>',
    );
    assert.not.match(await shownFor('http://ci.example.com/7'), /<dt>CI|ci\.example/);
    const plain = await see(stage, `/runs/${await accept(stage)}`, cookie);
    assert.not.match(plain.text, '<dt>CI');
  }),
);

page(
  'lists what the token may see, with filters, and says when there is nothing',
  staged(async (stage) => {
    const cookie = await signIn(stage, 'reader');
    assert.match((await see(stage, '/', cookie)).text, 'No runs yet');
    await accept(stage);
    await accept(stage, { deployment: 'other-hello', commit: sha });
    const { text } = await see(stage, '/', cookie);
    assert.match(text, 'hello-production</a>');
    assert.match(text, 'Waiting');
    assert.not.match(text, 'other-hello');
    assert.match(text, '<noscript><meta http-equiv="refresh" content="10"></noscript>');
    const none = await see(stage, '/?status=FAILURE&deployment=&environment=', cookie);
    assert.match(none.text, 'No run fits');
    assert.is((await see(stage, '/?deployment=other-hello', cookie)).status, 403);
    assert.is((await see(stage, '/?limit=x', cookie)).status, 400);
  }),
);

page(
  'shows a run with its links and its log, and whatever a deploy says as text',
  staged(async (stage) => {
    const nasty = '<img src=x onerror=alert(1)>';
    const id = await accept(stage, {
      ...order,
      ref: 'main',
      deployment_id: 42,
      description: nasty,
    });
    const lease = await claim(stage);
    await lease.log(Buffer.from(`\u001b[31mred\u001b[0m\nload 1\rload 2\r\n${nasty}\n`));
    await lease.end('FAILURE', {
      text: nasty,
      outputs: { page: 'javascript:alert(1)', docs: 'https://docs.example.com', plain: 'http://x' },
      change: { environmentUrl: 'javascript:alert(1)' },
    });
    const cookie = await signIn(stage, 'reader');
    const { text } = await see(stage, `/runs/${id}`, cookie);
    assert.match(text, `href="https://github.com/octo/hello/commit/${sha}"`);
    assert.match(text, 'href="https://github.com/octo/hello/deployments/production"');
    assert.match(text, 'href="https://docs.example.com"');
    assert.not.match(text, /href="(?:javascript|http):/);
    assert.not.match(text, nasty);
    assert.match(text, '<pre>red\nload 2\n&lt;img src=x');
    assert.not.match(text, 'http-equiv="refresh"');
    const raw = await see(stage, `/runs/${id}/log`, cookie);
    assert.match(String(raw.headers['content-type']), 'text/plain');
    assert.is(raw.headers['x-content-type-options'], 'nosniff');
    const missing = await see(stage, '/runs/nope', cookie);
    assert.is(missing.status, 404);
    assert.match(missing.text, 'There is no such run');
    assert.is((await see(stage, `/runs/${id}`, await signIn(stage, 'stranger'))).status, 403);
  }),
);

page(
  'cancels for whoever may deploy, by its own form alone',
  staged(async (stage) => {
    const id = await accept(stage);
    const cookie = await signIn(stage, 'spinnaker');
    const shown = (await see(stage, `/runs/${id}`, cookie)).text;
    assert.match(shown, 'Cancel this run');
    const seal = sealIn(shown);
    const url = `/runs/${id}/cancel`;
    assert.is((await post(stage, url, { seal })).status, 401);
    for (const [fields, headers] of [
      [{}, { cookie }],
      [{ seal: 'x'.repeat(43) }, { cookie }],
      [{ seal }, { cookie, origin: 'https://evil.example' }],
      [{ seal }, { cookie, origin: 'null' }],
      [{ seal }, { cookie, 'sec-fetch-site': 'same-site' }],
    ] as const) {
      assert.is((await post(stage, url, fields, headers)).status, 403);
    }
    const reader = await signIn(stage, 'reader');
    const theirs = (await see(stage, `/runs/${id}`, reader)).text;
    assert.not.match(theirs, 'Cancel this run');
    assert.is((await post(stage, url, { seal: sealIn(theirs) }, { cookie: reader })).status, 403);
    assert.is((await stage.store.runs.get(id))?.status, 'QUEUED');
    const ours = { cookie, origin: 'https://deploys.example.com', 'sec-fetch-site': 'same-origin' };
    const done = await post(stage, url, { seal, reason: 'wrong branch' }, ours);
    assert.is(done.status, 303);
    assert.is(done.headers.location, `/runs/${id}`);
    const run = await stage.store.runs.get(id);
    assert.equal(
      [run?.status, run?.cancel?.by, run?.cancel?.reason],
      ['CANCELED', 'spinnaker', 'wrong branch'],
    );
  }),
);

page(
  'signs out, by its own form alone',
  staged(async (stage) => {
    const cookie = await signIn(stage, 'reader');
    const seal = sealIn((await see(stage, '/', cookie)).text);
    assert.is((await post(stage, '/logout', {}, { cookie })).status, 403);
    const { status, headers } = await post(stage, '/logout', { seal }, { cookie });
    assert.is(status, 303);
    assert.match(String(headers['set-cookie']), /^slipway_session=;.*Max-Age=0$/);
  }),
);

page(
  'is for everybody where slipway.yml says so, and then cancels for nobody',
  staged(
    async (stage) => {
      const id = await accept(stage);
      assert.match((await see(stage, '/')).text, 'hello-production</a>');
      assert.is((await see(stage, `/runs/${id}`)).status, 200);
      const cookie = await signIn(stage, 'operator');
      const { text } = await see(stage, `/runs/${id}`, cookie);
      assert.not.match(text, 'Cancel this run');
      const answer = await post(stage, `/runs/${id}/cancel`, { seal: sealIn(text) }, { cookie });
      assert.is(answer.status, 403);
      assert.is((await stage.store.runs.get(id))?.status, 'QUEUED');
    },
    { yml: slipwayYml({ page: 'public' }) },
  ),
);

page(
  'stays behind the path of its public address',
  staged(
    async (stage) => {
      const id = await accept(stage);
      const away = await see(stage, '/');
      assert.is(away.headers.location, '/slipway/login');
      const { headers } = await post(stage, '/login', { token: tokens.reader });
      assert.is(headers.location, '/slipway/');
      assert.match(String(headers['set-cookie']), 'Path=/slipway/;');
      assert.not.match(String(headers['set-cookie']), 'Secure');
      const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
      const { text } = await see(stage, '/', cookie);
      for (const [, at] of text.matchAll(/(?:href|src|action)="(\/[^"]*)"/g)) {
        assert.match(at ?? '', /^\/slipway\//);
      }
      const poll = await stage.call('reader', 'GET', `/v1/runs/${id}`);
      assert.is(poll.json.status_url, `http://intra.example.com/slipway/v1/runs/${id}`);
    },
    { publicUrl: 'http://intra.example.com/slipway/' },
  ),
);

page(
  'opens with the end of a long log',
  staged(async (stage) => {
    const id = await accept(stage);
    const lease = await claim(stage);
    const lines = Array.from(
      { length: 20_000 },
      (_, at) => `line ${at} of many that a deploy says\n`,
    );
    await lease.log(Buffer.from(lines.join('')));
    await lease.end('SUCCESS', { text: 'serves' });
    const cookie = await signIn(stage, 'reader');
    const { text } = await see(stage, `/runs/${id}`, cookie);
    assert.match(text, 'The log is long');
    assert.match(text, 'line 19999 of many');
    assert.match(text, /<pre>line \d+ of many/);
    assert.ok(text.length < 300_000);
    assert.is((await see(stage, `/runs/${id}/log`, cookie)).text, lines.join(''));
  }),
);

page.run();
