import { generateKeyPairSync } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RemoteError, SettingsError } from '../../../src/errors.ts';
import { githubDeployment } from '../../../src/reporters/github-deployment.ts';
import { githubStatus } from '../../../src/reporters/github-status.ts';
import { canned, type FakeGithubOptions } from '../../support/github/fake-github.ts';
import { onStage, rejected, repo, type Stage, sha } from './stage.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const app = {
  id: 77,
  publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  installationId: 5,
};
const settings = {
  github_token: '',
  github_app_id: '77',
  github_app_private_key: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
};
const mint = 'POST /app/installations/5/access_tokens';
const minted = ({ exchanges }: Stage) => exchanges().filter((exchange) => exchange === mint).length;

const acting = suite('acting as a GitHub App');
const test = (title: string, play: (stage: Stage) => Promise<void>, options?: FakeGithubOptions) =>
  acting(title, () => onStage(play, { app, ...options }));

const openRun = async (stage: Stage, more: Record<string, string> = {}) => {
  const { id } = stage.github.addDeployment({ ref: sha, environment: 'production' });
  stage.clock.advance(60_000);
  const order = { deploymentId: String(id) };
  const reporter = stage.reporter(githubDeployment, { ...settings, ...more }, order);
  const look = await reporter.forge?.look(stage.signal);
  await reporter.forge?.open(look?.adopted, stage.signal);
  const post = (state: 'in_progress' | 'success') =>
    reporter.post({ state, description: state }, stage.signal);
  return { id, post, reporter };
};

test('looks the installation up, buys one token for what it needs, and posts', async (stage) => {
  const { id, post } = await openRun(stage);
  await post('in_progress');
  await post('success');
  assert.equal(stage.exchanges().slice(0, 3), [
    `GET /repos/${repo}/installation`,
    mint,
    'POST /graphql',
  ]);
  assert.equal(stage.github.requests[1]?.body, {
    repositories: ['shop'],
    permissions: { deployments: 'write' },
  });
  assert.is(minted(stage), 1);
  assert.is(stage.github.statusesOf(id)[0]?.state, 'success');
});

test('asks for commit statuses alone where it posts only those', async (stage) => {
  const reporter = stage.reporter(githubStatus, settings);
  await reporter.forge?.open(undefined, stage.signal);
  await reporter.post({ state: 'success', description: 'Deployed' }, stage.signal);
  const body = stage.github.requests.find(({ path }) => path.endsWith('/access_tokens'))?.body;
  assert.equal(body, { repositories: ['shop'], permissions: { statuses: 'write' } });
  assert.is(stage.github.commitStatuses(sha).length, 1);
});

test('does not look up an installation that it was given', async (stage) => {
  await openRun(stage, { github_app_installation_id: '5' });
  assert.equal(stage.exchanges(), [mint, 'POST /graphql']);
});

test('buys a new token five minutes before the old one ends', async (stage) => {
  const { post } = await openRun(stage);
  stage.clock.advance(54 * 60_000);
  await post('in_progress');
  assert.is(minted(stage), 1);
  stage.clock.advance(2 * 60_000);
  await post('success');
  assert.is(minted(stage), 2);
});

test('buys one new token when the old one is refused in the middle of a run', async (stage) => {
  const { id, post } = await openRun(stage);
  stage.clock.advance(600_000);
  stage.github.fail({ path: /\/statuses$/, nth: 1, do: canned.badCredentials });
  await post('in_progress');
  assert.is(minted(stage), 2);
  assert.is(stage.github.statusesOf(id).length, 1);
});

test('does not buy tokens for ever', async (stage) => {
  const { post } = await openRun(stage);
  stage.clock.advance(600_000);
  stage.github.fail({ path: /\/statuses$/, do: canned.badCredentials });
  const error = await rejected(post('success'));
  assert.is((error as RemoteError).kind, 'credentials');
  assert.is(minted(stage), 2);
});

test(
  'waits for a new token to be known',
  async (stage) => {
    await openRun(stage);
    assert.equal(stage.clock.pauses, [1000, 2000]);
    assert.is(minted(stage), 1);
  },
  { app: { ...app, tokenLagMs: 2500 } },
);

for (const skew of [-3_600_000, 3_600_000]) {
  test(`sets its clock by the refusal of a server that is ${skew / 60_000} min off`, async (stage) => {
    stage.github.clockSkewMs = skew;
    const { id, post } = await openRun(stage);
    await post('success');
    assert.is(stage.github.statusesOf(id)[0]?.state, 'success');
    assert.is(minted(stage), 1);
  });
}

test('says that app id and key do not fit', async (stage) => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const github_app_private_key = other.export({ type: 'pkcs1', format: 'pem' }).toString();
  const error = await rejected(openRun(stage, { github_app_private_key }));
  assert.match(error.message, 'github_app_id and github_app_private_key do not belong together');
  assert.is((error as RemoteError).kind, 'credentials');
});

test(
  'says that the installation lacks a permission',
  async (stage) => {
    const error = await rejected(openRun(stage));
    assert.match(error.message, 'lacks a permission');
    assert.is((error as RemoteError).kind, 'permission');
  },
  { permissions: { deployments: 'read' } },
);

test('says that the App is not installed', async (stage) => {
  stage.github.fail({ path: /\/installation$/, do: canned.notFound });
  assert.match((await rejected(openRun(stage))).message, 'is not installed on acme/shop');
});

test('needs both halves, and a key that is one', async (stage) => {
  const open = (more: Record<string, string>) => () =>
    stage.reporter(githubDeployment, { ...settings, ...more }, { deploymentId: '1' });
  const faultOf = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      assert.instance(error, SettingsError);
      return (error as SettingsError).message;
    }
    return '';
  };
  assert.match(faultOf(open({ github_app_private_key: '' })), 'github_app_private_key is required');
  assert.match(faultOf(open({ github_app_id: '' })), 'github_app_id is required');
  const message = faultOf(open({ github_app_private_key: 'x' }));
  assert.match(message, 'PLUGIN_GITHUB_APP_PRIVATE_KEY must be a private key');
});

test('proves by its token what it may write', async (stage) => {
  const { reporter } = await openRun(stage);
  const findings = await reporter.check(stage.signal);
  assert.equal(findings.at(-1), { ok: true, text: 'the GitHub App has `deployments: write`' });
});
acting.run();
