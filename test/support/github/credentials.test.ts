import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keys, withGithub } from './caller.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const SECOND = NOON / 1000;
const { publicKeyPem, jwt } = keys();
const app = { id: 42, clientId: 'Iv1.abc', publicKeyPem, installationId: 7 };
const INSTALLATION = '/repos/acme/shop/installation';
const MINT = '/app/installations/7/access_tokens';
const good = { iat: SECOND - 60, exp: SECOND + 540, iss: 42 };
const asApp = (claims: object) => ({ authorization: `Bearer ${jwt(claims)}` });

const apps = suite('fake GitHub: App');

for (const flavour of ['dotcom', 'ghes'] as const) {
  apps(`leads from a repository to a token on ${flavour}`, async () => {
    let now = NOON;
    await withGithub({ flavour, app, now: () => now }, async (github, call) => {
      const found = await call.get(INSTALLATION, asApp(good));
      assert.equal([found.status, found.body.id, found.body.app_id], [200, 7, 42]);
      const wish = { repositories: ['shop'], permissions: { deployments: 'write' } };
      const minted = await call.post(MINT, wish, asApp({ ...good, iss: 'Iv1.abc' }));
      assert.equal([minted.status, minted.body.expires_at], [201, '2026-11-21T13:00:00Z']);
      const authorization = `Bearer ${minted.body.token}`;
      const use = async () =>
        (await call.get('/repos/acme/shop/deployments', { authorization })).status;
      assert.is(await use(), 200);
      assert.is(
        (await call.get('/repos/acme/shop/commits/main/status', { authorization })).status,
        403,
      );
      now += 3_600_000;
      assert.is(await use(), 401);
      github.assertClean();
    });
  });
}

apps('keeps a token to its repositories', () =>
  withGithub({ app, now: () => NOON }, async (github, call) => {
    github.repo('acme/other');
    const { body } = await call.post(MINT, { repositories: ['other'] }, asApp(good));
    const authorization = `Bearer ${body.token}`;
    assert.is((await call.get('/repos/acme/other', { authorization })).status, 200);
    assert.is((await call.get('/repos/acme/shop', { authorization })).status, 404);
    github.assertClean();
  }),
);

apps('does not know a new token while it replicates', async () => {
  let now = NOON;
  await withGithub({ app: { ...app, tokenLagMs: 3000 }, now: () => now }, async (github, call) => {
    const { body } = await call.post(MINT, undefined, asApp(good));
    const authorization = `Bearer ${body.token}`;
    assert.is((await call.get('/repos/acme/shop', { authorization })).status, 401);
    now += 3000;
    assert.is((await call.get('/repos/acme/shop', { authorization })).status, 200);
    github.assertClean();
  });
});

const BAD: readonly (readonly [string, object, number, RegExp])[] = [
  ['comes from the future', { ...good, iat: SECOND + 1 }, 401, /'Issued at' claim \('iat'\)/],
  ['is over', { ...good, exp: SECOND }, 401, /'Expiration time' claim \('exp'\) must be/],
  ['lasts too long', { ...good, exp: SECOND + 601 }, 401, /too far in the future/],
  ['is of another App', { ...good, iss: 43 }, 404, /Integration not found/],
];

for (const [title, claims, status, said] of BAD) {
  apps(`refuses a JWT that ${title}`, () =>
    withGithub({ app, now: () => NOON }, async (_github, call) => {
      const heard = await call.get(INSTALLATION, asApp(claims));
      assert.is(heard.status, status);
      assert.match(heard.body.message, said);
    }),
  );
}

apps('judges a JWT by its own clock', () =>
  withGithub({ app, now: () => NOON }, async (github, call) => {
    github.clockSkewMs = -120_000;
    const heard = await call.get(INSTALLATION, asApp(good));
    assert.is(heard.status, 401);
    assert.is(heard.headers.date, 'Sat, 21 Nov 2026 11:58:00 GMT');
  }),
);

apps('refuses a JWT that another key signed, and what is no JWT', () =>
  withGithub({ app, now: () => NOON }, async (_github, call) => {
    const forged = keys().jwt(good);
    for (const token of [forged, 'a.b.c', 'ghp_fake']) {
      const heard = await call.get(INSTALLATION, { authorization: `Bearer ${token}` });
      assert.equal(
        [heard.status, heard.body.message],
        [401, 'A JSON web token could not be decoded'],
      );
    }
  }),
);

const WISHES = [
  ['a permission that it has not', { permissions: { deployments: 'write' } }, 422],
  ['a repository that is not there', { repositories: ['gone'] }, 422],
] as const;

for (const [title, wish, status] of WISHES) {
  apps(`refuses a token for ${title}`, () =>
    withGithub(
      { app, now: () => NOON, permissions: { deployments: 'read' } },
      async (github, call) => {
        assert.is((await call.post(MINT, wish, asApp(good))).status, status);
        github.assertClean();
      },
    ),
  );
}

apps('knows one installation', () =>
  withGithub({ app, now: () => NOON }, async (_github, call) => {
    const path = '/app/installations/8/access_tokens';
    assert.is((await call.post(path, undefined, asApp(good))).status, 404);
    assert.is((await call.get('/repos/acme/gone/installation', asApp(good))).status, 404);
  }),
);

apps.run();
