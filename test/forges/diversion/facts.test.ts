import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../../src/errors.ts';
import { diversionFacts } from '../../../src/forges/diversion/facts.ts';
import type { Facts } from '../../../src/forges/facts.ts';
import { reach } from '../../../src/forges/reach.ts';
import { loadedOf } from '../../checkout/stage.ts';
import { type FakeDiversion, fakeDiversion } from '../../support/diversion/fake-diversion.ts';
import { client } from '../../support/http-client.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';

const token = 'tok-4dc1f00dbaadcafe';
const patience = () => ({ signal: new AbortController().signal, until: Date.now() + 60_000 });

async function inScene(
  play: (facts: Facts, fake: FakeDiversion) => Promise<void>,
  given = token,
): Promise<void> {
  const fake = await fakeDiversion({ token });
  const { repo } = fake;
  // main: 1 ─ 2, and 3 on a branch of its own.
  for (const branch of ['main', 'main', 'side']) repo.commit({ 'a.txt': branch }, branch);
  repo.tag('v1', 'dv.commit.1');
  const { http, notes, end } = client({ timeoutMs: 2000 });
  const clock = { now: () => Date.now(), pause: async () => {} };
  const urls = { diversion_api_url: fake.url, diversion_auth_url: fake.authUrl };
  const loaded = loadedOf({ diversion_token: given, ...urls });
  const ours = { ...order, forge: 'diversion', repo: 'hello' } as const;
  try {
    await play(diversionFacts.open(loaded, ours, { http, clock, log: notes }), fake);
    assert.not.match(notes.lines.join('\n'), token);
    assert.equal(fake.complaints, []);
  } finally {
    await end();
    await fake.close();
  }
}

const facts = suite('diversion: facts');

facts('knows where branches and tags stand, and which are not there', () =>
  inScene(async ({ tipOf }) => {
    assert.equal(await tipOf('branch', 'main', patience()), { commit: 'dv.commit.2' });
    assert.equal(await tipOf('tag', 'v1', patience()), { commit: 'dv.commit.1' });
    assert.is(await tipOf('tag', 'main', patience()), undefined);
    assert.is(await tipOf('branch', 'mai', patience()), undefined);
  }),
);

facts('tells an ancestor from what is elsewhere', () =>
  inScene(async ({ holds }) => {
    assert.is(await holds('dv.commit.2', 'dv.commit.1', patience()), true);
    assert.is(await holds('dv.commit.1', 'dv.commit.2', patience()), false);
    assert.is(await holds('dv.commit.2', 'dv.commit.3', patience()), false);
  }),
);

facts('finds the branch of a commit', () =>
  inScene(async (witness) => {
    const wanted = { names: [], starts: [''], matches: () => true };
    const found = (commit: string) => reach(witness, { ...wanted, commit }, patience());
    assert.equal(await found('dv.commit.3'), { from: 'branch side' });
    assert.is((await found('dv.commit.9')).from, undefined);
  }),
);

facts('names the setting of a token that is refused, and what is away', () =>
  inScene(async ({ tipOf }, fake) => {
    fake.fail('token', '400');
    const refused = (await rejectionOf(tipOf('branch', 'main', patience()))) as RemoteError;
    assert.instance(refused, RemoteError);
    assert.is(refused.kind, 'credentials');
    assert.match(refused.message, /DIVERSION_TOKEN is wrong, expired or revoked/);
    fake.fail('refs', ...Array.from({ length: 8 }, () => '503' as const));
    const away = (await rejectionOf(tipOf('branch', 'main', patience()))) as RemoteError;
    assert.is(away.kind, 'unavailable');
  }),
);

facts('takes no answer of another kind for a token that is wrong', () =>
  inScene(async ({ tipOf }, fake) => {
    fake.fail('token', '404');
    const error = (await rejectionOf(tipOf('branch', 'main', patience()))) as RemoteError;
    assert.is(error.kind, 'refused');
    assert.match(error.message, /answered 404; is diversion_auth_url right\?/);
  }),
);

facts('does not send who has a key to the program, which cannot be asked either', async () => {
  const { message } = await rejectionOf(inScene(async () => {}, 'dvk_1'));
  assert.match(message, /DIVERSION_TOKEN is a key .*: use an API token/);
  assert.not.match(message, 'diversion_method');
});

facts.run();
