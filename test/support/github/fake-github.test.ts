import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PARENT, SHA, withGithub } from './caller.ts';

const DEPLOYMENTS = '/repos/acme/shop/deployments';
const NOON = Date.parse('2026-11-21T12:00:00.700Z');

const deployments = suite('fake GitHub: deployments');

for (const flavour of ['dotcom', 'ghes'] as const) {
  deployments(`creates one and shows it as ${flavour} describes it`, () =>
    withGithub({ flavour, now: () => NOON }, async (github, call) => {
      const payload = { run: 'r1' };
      const made = await call.post(DEPLOYMENTS, { ref: 'main', payload, required_contexts: [] });
      assert.is(made.status, 201);
      const { sha, ref, task, environment, created_at, production_environment } = made.body;
      assert.equal(
        { sha, ref, task, environment, created_at, production_environment },
        {
          ...{ sha: SHA, ref: 'main', task: 'deploy', environment: 'production' },
          created_at: '2026-11-21T12:00:00Z',
          production_environment: true,
        },
      );
      assert.equal(made.body.payload, payload);
      assert.equal((await call.get(`${DEPLOYMENTS}/${made.body.id}`)).body, made.body);
      assert.is(made.body.url, `${github.url}${DEPLOYMENTS}/${made.body.id}`);
      github.assertClean();
    }),
  );
}

const REFS = [
  ['main', SHA],
  ['topic/one', PARENT],
  ['v1', PARENT],
  ['refs/tags/v1', PARENT],
  ['both', SHA],
  ['refs/tags/both', PARENT],
  [SHA.slice(0, 8), SHA],
] as const;

for (const [ref, sha] of REFS) {
  deployments(`resolves ${ref} to its sha and keeps the ref as sent`, () =>
    withGithub({}, async (_github, call) => {
      const { body } = await call.post(DEPLOYMENTS, { ref, auto_merge: false });
      assert.equal([body.ref, body.sha], [ref, sha]);
    }),
  );
}

deployments('refuses a ref that is not there', () =>
  withGithub({}, async (github, call) => {
    const { status, body } = await call.post(DEPLOYMENTS, { ref: 'gone' });
    assert.equal([status, body.message], [422, 'No ref found for: gone']);
    github.assertClean();
  }),
);

deployments('keeps a payload of text as text', () =>
  withGithub({}, async (_github, call) => {
    const { body } = await call.post(DEPLOYMENTS, { ref: 'main', payload: '{"a":1}' });
    assert.is(body.payload, '{"a":1}');
  }),
);

deployments('merges the default branch first unless told not to, and creates nothing then', () =>
  withGithub({}, async (github, call) => {
    const first = await call.post(DEPLOYMENTS, { ref: 'topic/one' });
    assert.equal(
      [first.status, first.body],
      [202, { message: 'Auto-merged main into topic/one on deployment.' }],
    );
    assert.is(github.deployments.length, 0);
    assert.is((await call.post(DEPLOYMENTS, { ref: 'topic/one' })).status, 201);
    github.assertClean();
  }),
);

deployments('answers 409 when the default branch cannot be merged', async () => {
  await withGithub({}, async (github, call) => {
    github.repo('acme/torn', {
      commits: [{ sha: PARENT }, { sha: SHA }],
      branches: { topic: PARENT },
      conflicts: ['topic'],
    });
    const { status, body } = await call.post('/repos/acme/torn/deployments', { ref: 'topic' });
    assert.equal([status, body.message], [409, 'Conflict merging main into topic.']);
    assert.is(body.errors, undefined);
  });
});

const CONTEXTS = [
  ['omitted, a red one', undefined, 409],
  ['none', [], 201],
  ['a green one, in another case', ['GREEN'], 201],
  ['one that nobody posted', ['missing'], 409],
] as const;

for (const [title, required_contexts, status] of CONTEXTS) {
  deployments(`judges required contexts: ${title}`, () =>
    withGithub({}, async (github, call) => {
      github.addCommitStatus(SHA, { state: 'success', context: 'green' });
      github.addCommitStatus(SHA, { state: 'failure', context: 'red' });
      const made = await call.post(DEPLOYMENTS, { ref: 'main', required_contexts });
      assert.is(made.status, status);
      if (status === 409) assert.is(made.body.errors[0].field, 'required_contexts');
      github.assertClean();
    }),
  );
}

deployments('lists by every filter, newest first, page by page', () =>
  withGithub({}, async (github, call) => {
    const ids = ['a', 'b', 'a', 'a'].map(
      (environment) => github.addDeployment({ ref: 'main', environment }).id,
    );
    const [first, , third, fourth] = ids;
    const page = await call.get(`${DEPLOYMENTS}?environment=a&sha=${SHA}&per_page=2`);
    assert.equal(idsOf(page.body), [fourth, third]);
    const link = `<${github.url}${DEPLOYMENTS}?environment=a&sha=${SHA}&per_page=2&page=2>`;
    assert.is(page.headers.link, `${link}; rel="next", ${link}; rel="last"`);
    const next = await call.get(`${DEPLOYMENTS}?environment=a&sha=${SHA}&per_page=2&page=2`);
    assert.equal(idsOf(next.body), [first]);
    assert.match(String(next.headers.link), /page=1>; rel="prev".*page=1>; rel="first"$/);
    assert.equal((await call.get(`${DEPLOYMENTS}?task=other`)).body, []);
    github.assertClean();
  }),
);

deployments('deletes what is not live', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    const other = github.addDeployment({ ref: 'main' });
    github.addStatus(id, { state: 'success' });
    assert.is((await call.send('DELETE', `${DEPLOYMENTS}/${id}`)).status, 422);
    github.addStatus(id, { state: 'inactive' });
    assert.is((await call.send('DELETE', `${DEPLOYMENTS}/${id}`)).status, 204);
    assert.equal(idsOf(github.deployments), [other.id]);
    github.assertClean();
  }),
);

deployments('deletes a live one that is the only one', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    github.addStatus(id, { state: 'success' });
    assert.is((await call.send('DELETE', `${DEPLOYMENTS}/${id}`)).status, 204);
    assert.is((await call.get(`${DEPLOYMENTS}/${id}`)).status, 404);
  }),
);

deployments.run();

// ---

const statuses = suite('fake GitHub: deployment statuses');

statuses('mirrors the log link and does not carry links over to the next status', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    const path = `${DEPLOYMENTS}/${id}/statuses`;
    const log_url = 'https://ci.example.com/1';
    const one = await call.post(path, { state: 'queued', log_url, environment_url: 'https://a.b' });
    assert.is(one.status, 201);
    assert.is(one.body.target_url, log_url);
    const two = await call.post(path, { state: 'in_progress' });
    assert.equal([two.body.log_url, two.body.environment_url], ['', '']);
    const all = await call.get(path);
    assert.equal(idsOf(all.body), [two.body.id, one.body.id]);
    assert.equal((await call.get(`${path}?per_page=1`)).body, [two.body]);
    assert.equal((await call.get(`${path}/${one.body.id}`)).body, one.body);
    github.assertClean();
  }),
);

statuses('retires older successes of the environment, but no production or transient one', () =>
  withGithub({}, async (github, call) => {
    const place = (more: object) => {
      const { id } = github.addDeployment({ ref: 'main', environment: 'qa', ...more });
      github.addStatus(id, { state: 'success', auto_inactive: false });
      return id;
    };
    const plain = place({});
    const kept = [
      place({ production_environment: true }),
      place({ transient_environment: true }),
      place({ environment: 'other' }),
    ];
    const open = github.addDeployment({ ref: 'main', environment: 'qa' }).id;
    const newest = github.addDeployment({ ref: 'main', environment: 'qa' }).id;
    await call.post(`${DEPLOYMENTS}/${newest}/statuses`, { state: 'success' });
    const latest = (id: number) => github.statusesOf(id)[0]?.state;
    assert.equal([latest(plain), latest(open), latest(newest)], ['inactive', undefined, 'success']);
    assert.equal(kept.map(latest), ['success', 'success', 'success']);
    github.assertClean();
  }),
);

statuses('takes the old name of the log link', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    const target_url = 'https://ci.example.com/1';
    const { body } = await call.post(`${DEPLOYMENTS}/${id}/statuses`, {
      state: 'error',
      target_url,
    });
    assert.equal([body.log_url, body.target_url], [target_url, target_url]);
  }),
);

statuses('keeps an environment that a status renamed', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main', environment: 'qa' });
    await call.post(`${DEPLOYMENTS}/${id}/statuses`, { state: 'queued', environment: 'qa-2' });
    const { body } = await call.post(`${DEPLOYMENTS}/${id}/statuses`, { state: 'success' });
    assert.is(body.environment, 'qa-2');
    const shown = (await call.get(`${DEPLOYMENTS}/${id}`)).body;
    assert.equal([shown.environment, shown.original_environment], ['qa-2', 'qa']);
  }),
);

statuses.run();

// ---

const commits = suite('fake GitHub: commits');

commits('combines the newest of each context, whatever its case', () =>
  withGithub({}, async (github, call) => {
    const path = `/repos/acme/shop/statuses/${SHA}`;
    await call.post(path, { state: 'pending', context: 'Deploy/Prod' });
    await call.post(path, { state: 'success', context: 'deploy/prod', target_url: 'https://x.y' });
    const combined = await call.get('/repos/acme/shop/commits/main/status');
    assert.equal([combined.body.state, combined.body.total_count], ['success', 1]);
    const all = await call.get(`/repos/acme/shop/commits/${SHA}/statuses`);
    assert.equal(
      all.body.map(({ state }: { state: string }) => state),
      ['success', 'pending'],
    );
    const bare = await call.get('/repos/acme/shop/commits/topic/one/status');
    assert.equal([bare.body.state, bare.body.statuses], ['pending', []]);
    github.assertClean();
  }),
);

commits('takes full shas of known commits only', () =>
  withGithub({}, async (_github, call) => {
    for (const sha of [SHA.slice(0, 8), 'c'.repeat(40)]) {
      const answer = await call.post(`/repos/acme/shop/statuses/${sha}`, { state: 'success' });
      assert.equal([answer.status, answer.body.message], [422, `No commit found for SHA: ${sha}`]);
    }
  }),
);

commits('refuses the thousand-and-first status of a context', () =>
  withGithub({}, async (github, call) => {
    for (let n = 0; n < 1000; n++) github.addCommitStatus(SHA, { state: 'pending' });
    const { status } = await call.post(`/repos/acme/shop/statuses/${SHA}`, { state: 'success' });
    assert.is(status, 422);
  }),
);

commits('lists the commits of a ref, newest first', () =>
  withGithub({}, async (github, call) => {
    const { body } = await call.get('/repos/acme/shop/commits?sha=main&per_page=100');
    assert.equal(
      body.map(({ sha }: { sha: string }) => sha),
      [SHA, PARENT],
    );
    assert.is((await call.get('/repos/acme/shop')).body.default_branch, 'main');
    assert.is((await call.get('/repos/acme/shop/git/ref/tags/v1')).body.object.sha, PARENT);
    github.assertClean();
  }),
);

commits.run();

// ---

const exchanges = suite('fake GitHub: every exchange');

exchanges('answers 304 for what the caller has, free of charge', () =>
  withGithub({ now: () => NOON }, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    const first = await call.get(`${DEPLOYMENTS}/${id}`);
    const etag = first.headers.etag ?? '';
    const again = await call.get(`${DEPLOYMENTS}/${id}`, { 'if-none-match': etag });
    assert.is(again.status, 304);
    assert.is(again.headers['x-ratelimit-used'], first.headers['x-ratelimit-used']);
    github.addStatus(id, { state: 'success', environment: 'elsewhere' });
    assert.is((await call.get(`${DEPLOYMENTS}/${id}`, { 'if-none-match': etag })).status, 200);
  }),
);

exchanges('counts against a limit, and tells the time by its clock', () =>
  withGithub({ now: () => NOON }, async (github, call) => {
    github.clockSkewMs = 60_000;
    const { headers } = await call.get('/repos/acme/shop');
    assert.is(headers.date, 'Sat, 21 Nov 2026 12:01:00 GMT');
    assert.is(headers['x-ratelimit-remaining'], '4999');
    assert.is((await call.get('/rate_limit')).body.rate.used, 1);
    github.assertClean();
  }),
);

exchanges('knows no limits on Enterprise Server', () =>
  withGithub({ flavour: 'ghes' }, async (_github, call) => {
    assert.is((await call.get('/repos/acme/shop')).headers['x-ratelimit-limit'], undefined);
    assert.is((await call.get('/rate_limit')).status, 404);
  }),
);

exchanges('keeps what was sent and answered', () =>
  withGithub({ now: () => NOON }, async (github, call) => {
    await call.get(`${DEPLOYMENTS}?environment=qa`);
    const [kept] = github.requests;
    const { method, path, query, status, at } = kept ?? {};
    assert.equal(
      { method, path, query, status, at },
      { method: 'GET', path: DEPLOYMENTS, query: { environment: 'qa' }, status: 200, at: NOON },
    );
    assert.is(kept?.headers['user-agent'], 'fake-github-test');
  }),
);

exchanges('follows a renamed repository by its id', () =>
  withGithub({}, async (github, call) => {
    github.rename('acme/shop', 'acme/store');
    const moved = await call.get(`${DEPLOYMENTS}?environment=qa`);
    assert.is(moved.status, 301);
    const location = moved.headers.location ?? '';
    assert.match(location, /\/repositories\/\d+\/deployments\?environment=qa$/);
    assert.is((await call.get(location.slice(github.url.length))).status, 200);
    assert.is((await call.post(DEPLOYMENTS, { ref: 'main' })).status, 307);
    github.assertClean();
  }),
);

exchanges('draws a deployment for people', () =>
  withGithub({ now: () => NOON }, async (github) => {
    const { id } = github.addDeployment({ ref: 'main', creator: 'ann' });
    github.addStatus(id, { state: 'queued', description: 'Waiting', log_url: 'http://l', at: 0 });
    assert.is(
      github.timeline(id),
      `2026-11-21T12:00:00Z deployment ${id} of main (aaaaaaa) to production by ann\n` +
        '1970-01-01T00:00:00Z queued      Waiting http://l by someone',
    );
  }),
);

exchanges.run();

const idsOf = (all: readonly { readonly id: number }[]): number[] => all.map(({ id }) => id);
