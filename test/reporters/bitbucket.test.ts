import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { readLink } from '../../src/identity.ts';
import { bitbucket, createBitbucket } from '../../src/reporters/bitbucket.ts';
import type { State } from '../../src/status.ts';
import { rejected } from '../forges/github/stage.ts';
import { fakeBitbucketStatuses } from '../support/bitbucket/bitbucket-statuses.ts';
import {
  type Cast,
  type CommitStage,
  commitScenario,
  onCommitStage,
  repo,
  sha,
  token,
} from './commit-stage.ts';
import { testReporter } from './contract.ts';

const wordOf: Readonly<Record<State, string>> = {
  queued: 'INPROGRESS',
  in_progress: 'INPROGRESS',
  pending: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
  timed_out: 'FAILED',
  cancelled: 'STOPPED',
  superseded: 'STOPPED',
  inactive: 'STOPPED',
};

type Signing = {
  readonly authorization: string;
  readonly settings: Readonly<Record<string, string>>;
};
const byToken: Signing = {
  authorization: `Bearer ${token}`,
  settings: { bitbucket_token: token },
};

async function castOf({ authorization, settings }: Signing = byToken): Promise<Cast> {
  const places = { site: 'https://bitbucket.org', api: '' };
  const entry = createBitbucket(places);
  return {
    entry,
    system: { forge: 'bitbucket' },
    bare: { bitbucket_token: '' },
    word: (state) => wordOf[state],
    async start(setup, now) {
      const fake = await fakeBitbucketStatuses({ repo, authorization, setup, now });
      places.api = `${fake.url}/2.0`;
      return fake;
    },
    settings: () => settings,
  };
}

testReporter('bitbucket', commitScenario(await castOf()));

const peculiar = suite('bitbucket');
const test = (title: string, play: (stage: CommitStage) => Promise<void>, signing?: Signing) =>
  peculiar(title, async () => onCommitStage(await castOf(signing), play));

const post = async (stage: CommitStage, order = {}) => {
  const reporter = stage.reporter(order);
  await reporter.forge?.open(undefined, stage.signal);
  await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
  return stage.forge.taken.at(-1);
};

test('posts under the name of the slot, for the branch, with a marked link', async (stage) => {
  const row = await post(stage, { component: 'api' });
  const { key, name, refname } = row?.body ?? {};
  assert.equal([key, name, refname], ['slipway/production/api', 'slipway/production/api', 'main']);
  assert.is(readLink(row?.link)?.key, stage.orderOf().runKey);
  assert.equal(stage.forge.requests, [
    `POST /2.0/repositories/${repo}/commit/${sha}/statuses/build`,
  ]);
});

test('names a branch as Bitbucket does', async (stage) => {
  const row = await post(stage, { ref: 'refs/heads/feature/one#1' });
  assert.is(row?.body.refname, 'feature/one#1');
});

test('hashes a name that is too long for a key, and finds it again', async (stage) => {
  const component = 'a-component-with-a-long-name';
  const name = `slipway/production/${component}`;
  const row = await post(stage, { component });
  assert.is(row?.context, createHash('sha1').update(name).digest('hex'));
  assert.is(row?.body.name, name);
  const other = stage.reporter({ component, runKey: 'd'.repeat(20) });
  const look = await other.forge?.look(stage.signal);
  assert.is(look?.others[0]?.owner?.key, stage.orderOf().runKey);
});

test('leads to the commit, which carries the marker, where the run has no page', async (stage) => {
  const row = await post(stage, { logUrls: [] });
  assert.match(row?.link ?? '', `https://bitbucket.org/${repo}/commits/${sha}?slipway=`);
});

test('says that a commit is not there, or not to be seen', async (stage) => {
  const error = await rejected(post(stage, { commit: 'e'.repeat(40) }));
  assert.match(error.message, `commit ${'e'.repeat(40)} is not in ${repo}`);
  assert.is((error as RemoteError).kind, 'permission');
});

const password = 'app-password-0123456789';
test(
  'signs in with a user and a password',
  async (stage) => {
    assert.is((await post(stage))?.state, 'INPROGRESS');
    const [use] = stage.entry.credentials(stage.loaded(), stage.orderOf());
    assert.is(use?.setting, 'bitbucket_app_password');
  },
  {
    authorization: `Basic ${Buffer.from(`ann@acme.example:${password}`).toString('base64')}`,
    settings: { bitbucket_username: 'ann@acme.example', bitbucket_app_password: password },
  },
);

for (const [what, settings] of [
  ['a user beside it', { bitbucket_username: 'ann@acme.example', bitbucket_token: token }],
  ['itself', { bitbucket_token: `ann@acme.example:${token}` }],
  [
    'itself, whoever else is named',
    { bitbucket_username: 'bob@acme.example', bitbucket_token: `ann@acme.example:${token}` },
  ],
] as const) {
  test(
    `signs in with an API token whose user is told by ${what}`,
    async (stage) => {
      assert.is((await post(stage))?.state, 'INPROGRESS');
    },
    {
      authorization: `Basic ${Buffer.from(`ann@acme.example:${token}`).toString('base64')}`,
      settings,
    },
  );
}

test(
  'takes a token for itself where the user has a password',
  async (stage) => {
    assert.is((await post(stage))?.state, 'INPROGRESS');
  },
  {
    authorization: `Bearer ${token}`,
    settings: {
      ...{ bitbucket_username: 'ann', bitbucket_app_password: password },
      bitbucket_token: token,
    },
  },
);

test('asks for whose a password is', async (stage) => {
  const settings = { bitbucket_token: '', bitbucket_app_password: password };
  assert.throws(() => stage.reporter({}, settings), 'bitbucket_username is required beside');
});

test('is wanted where the repository is there', async (stage) => {
  const wish = (order = {}) => bitbucket.auto(stage.loaded(), stage.orderOf(order), 'deploy');
  assert.ok(wish().wanted);
  assert.is(wish({ forge: 'bitbucket-dc' }).why, 'the repository is on bitbucket-dc');
  assert.is(
    wish({ forge: undefined }).why,
    'nothing says that the repository is on Bitbucket Cloud: name bitbucket in report',
  );
});

peculiar.run();
