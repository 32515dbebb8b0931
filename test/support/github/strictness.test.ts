import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SHA, withGithub } from './caller.ts';

const DEPLOYMENTS = '/repos/acme/shop/deployments';

const strictness = suite('fake GitHub: strictness');

type Wrong = (
  call: Parameters<Parameters<typeof withGithub>[1]>[1],
  id: number,
) => Promise<unknown>;
const WRONGS: Readonly<Record<string, readonly [Wrong, RegExp]>> = {
  'an unknown field': [
    (c) => c.post(DEPLOYMENTS, { ref: 'main', sha: SHA }),
    /additional.*\(sha\)/,
  ],
  'a field of the wrong type': [(c) => c.post(DEPLOYMENTS, { ref: 7 }), /body\/ref must be string/],
  'a missing field': [(c) => c.post(DEPLOYMENTS, {}), /required property 'ref'/],
  'an unknown state': [
    (c, id) => c.post(`${DEPLOYMENTS}/${id}/statuses`, { state: 'cancelled' }),
    /body\/state must be equal/,
  ],
  'a description that is too long': [
    (c, id) =>
      c.post(`${DEPLOYMENTS}/${id}/statuses`, { state: 'error', description: 'x'.repeat(141) }),
    /description is too long/,
  ],
  'a long description of a commit': [
    (c) =>
      c.post(`/repos/acme/shop/statuses/${SHA}`, { state: 'error', description: 'x'.repeat(141) }),
    /description is too long/,
  ],
  'a link that is not http': [
    (c, id) => c.post(`${DEPLOYMENTS}/${id}/statuses`, { state: 'error', log_url: 'ci/1' }),
    /log_url must use http/,
  ],
  'an unknown query parameter': [(c) => c.get(`${DEPLOYMENTS}?env=qa`), /env is unknown/],
  'a repeated query parameter': [(c) => c.get(`${DEPLOYMENTS}?ref=a&ref=b`), /ref is repeated/],
  'an empty query parameter': [(c) => c.get(`${DEPLOYMENTS}?environment=`), /environment is empty/],
  'a page that is too long': [(c) => c.get(`${DEPLOYMENTS}?per_page=101`), /at most 100/],
  'an id that is no number': [(c) => c.get(`${DEPLOYMENTS}/latest`), /must be integer/],
  'a wrong method': [(c, id) => c.send('PATCH', `${DEPLOYMENTS}/${id}`), /Not Found/],
  'an unknown path': [(c) => c.get('/repos/acme/shop/deploys'), /Not Found/],
  'no User-Agent': [(c) => c.get('/repos/acme/shop', { 'user-agent': '' }), /User-Agent/],
  'no Accept': [(c) => c.get('/repos/acme/shop', { accept: 'text/html' }), /Accept/],
  'no version': [(c) => c.get('/repos/acme/shop', { 'x-github-api-version': '' }), /Version/],
  'text that is not JSON': [(c) => c.post(DEPLOYMENTS, '{"ref":'), /parsing JSON/],
  'a body of another type': [
    (c) => c.post(DEPLOYMENTS, 'ref=main', { 'content-type': 'text/plain' }),
    /application\/json/,
  ],
};

for (const [title, [wrong, said]] of Object.entries(WRONGS)) {
  strictness(`catches ${title}`, () =>
    withGithub({}, async (github, call) => {
      const { id } = github.addDeployment({ ref: 'main' });
      await wrong(call, id);
      assert.throws(() => github.assertClean(), said);
      assert.ok((github.requests[0]?.status ?? 0) >= 400);
      assert.is(github.deployments.length, 1);
      assert.is(github.statusesOf(id).length, 0);
    }),
  );
}

strictness("catches the fake's own answer where it leaves the description", () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    // No caller can make the fake hold this; only a fault in the fake could.
    github.addStatus(id, { state: 'cancelled' as 'error' });
    await call.get(`${DEPLOYMENTS}/${id}/statuses`);
    assert.throws(() => github.assertClean(), /own answer 200: answer\/0\/state must be equal/);
  }),
);

strictness("catches the fake's own breaking", () =>
  withGithub({}, async (github, call) => {
    github.fail({
      meanwhile: () => {
        throw new Error('in the middle');
      },
    });
    assert.is((await call.get(DEPLOYMENTS)).status, 500);
    assert.throws(() => github.assertClean(), /the fake broke: Error: in the middle/);
  }),
);

strictness('shows a deployment that waits for a reviewer', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    github.addStatus(id, { state: 'waiting' });
    assert.is((await call.get(`${DEPLOYMENTS}/${id}/statuses`)).body[0].state, 'waiting');
    github.assertClean();
  }),
);

strictness('takes a description of 140 characters, however many bytes', () =>
  withGithub({}, async (github, call) => {
    const { id } = github.addDeployment({ ref: 'main' });
    const description = '🚀'.repeat(140);
    const { status } = await call.post(`${DEPLOYMENTS}/${id}/statuses`, {
      state: 'error',
      description,
    });
    assert.is(status, 201);
  }),
);

strictness('forgives manners, not routes, when it need not validate', () =>
  withGithub({ validate: false }, async (github, call) => {
    const bare = { 'user-agent': '', accept: '', 'x-github-api-version': '' };
    assert.is((await call.get('/repos/acme/shop', bare)).status, 200);
    github.assertClean();
    await call.get('/nowhere');
    assert.throws(() => github.assertClean(), /nowhere/);
  }),
);

const TOKENS = [
  ['', 401, 'Requires authentication'],
  ['Bearer ghp_wrong', 401, 'Bad credentials'],
  ['token ghp_right', 200, undefined],
] as const;

for (const [authorization, status, message] of TOKENS) {
  strictness(`answers ${status} to "${authorization}"`, () =>
    withGithub({ token: 'ghp_right' }, async (_github, call) => {
      const heard = await call.get('/repos/acme/shop', { authorization });
      assert.equal([heard.status, heard.body.message], [status, message]);
    }),
  );
}

strictness('keeps a token to its permissions', () =>
  withGithub({ permissions: { deployments: 'read', statuses: 'none' } }, async (github, call) => {
    assert.is((await call.get(DEPLOYMENTS)).status, 200);
    const write = await call.post(DEPLOYMENTS, { ref: 'main' });
    assert.equal(
      [write.status, write.body.message],
      [403, 'Resource not accessible by integration'],
    );
    assert.is((await call.get('/repos/acme/shop/commits/main/status')).status, 403);
    github.assertClean();
  }),
);

strictness.run();
