import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { commitState } from '../../src/forges/commit-statuses.ts';
import { readLink } from '../../src/identity.ts';
import { gitea } from '../../src/reporters/gitea.ts';
import { rejected } from '../forges/github/stage.ts';
import { fakeGiteaStatuses, type GiteaOptions } from '../support/gitea/gitea-statuses.ts';
import { noHttp } from '../support/no-http.ts';
import {
  type Cast,
  type CommitStage,
  commitScenario,
  olderSha,
  onCommitStage,
  repo,
  sha,
  token,
} from './commit-stage.ts';
import { testReporter } from './contract.ts';

const castOf = (more: Partial<GiteaOptions> = {}): Cast => ({
  entry: gitea,
  system: { forge: 'gitea' },
  bare: { gitea_token: '' },
  word: commitState,
  start: (setup, now) => fakeGiteaStatuses({ repo, token, setup, now, ...more }),
  settings: ({ url }) => ({ gitea_token: token, gitea_url: url }),
});

testReporter('gitea', commitScenario(castOf()));

const peculiar = suite('gitea');
const test = (
  title: string,
  play: (stage: CommitStage) => Promise<void>,
  options?: Partial<GiteaOptions>,
) => peculiar(title, () => onCommitStage(castOf(options), play));

test('posts under the name of the environment and the component, with a marked link', async (stage) => {
  const reporter = stage.reporter({ component: 'api' });
  await reporter.forge?.open(undefined, stage.signal);
  await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
  const [row] = stage.forge.taken;
  assert.is(row?.context, 'slipway/production/api');
  assert.is(readLink(row?.link)?.key, stage.orderOf().runKey);
  assert.equal(stage.forge.requests, [`POST /api/v1/repos/${repo}/statuses/${sha}`]);
});

test('looks at the commits of the ref, slashes in its name included', async (stage) => {
  const theirs = stage.reporter({ commit: olderSha, runKey: 'd'.repeat(20) });
  await theirs.forge?.open(undefined, stage.signal);
  await theirs.post({ state: 'success', description: 'Deployed' }, stage.signal);
  const look = await stage.reporter({ ref: 'feature/one#1' }).forge?.look(stage.signal);
  assert.equal(
    look?.others.map(({ id, owner }) => [id, owner?.key]),
    [[olderSha, 'd'.repeat(20)]],
  );
});

test(
  'says that a server is a Gogs, which has no statuses',
  async (stage) => {
    const reporter = stage.reporter();
    await reporter.forge?.open(undefined, stage.signal);
    const error = await rejected(
      reporter.post({ state: 'success', description: 'x' }, stage.signal),
    );
    assert.match(error.message, /answers as Gogs does, which has no commit statuses/);
    assert.is((error as RemoteError).kind, 'refused');
    const [, finding] = await stage.reporter().check(stage.signal);
    assert.is(finding?.ok, false);
    assert.match(finding?.text ?? '', /Gogs/);
  },
  { isGogs: true },
);

test('says that a commit is not there, or not to be seen', async (stage) => {
  const reporter = stage.reporter({ commit: 'e'.repeat(40) });
  await reporter.forge?.open(undefined, stage.signal);
  const error = await rejected(reporter.post({ state: 'success', description: 'x' }, stage.signal));
  assert.match(error.message, `commit ${'e'.repeat(40)} is not in ${repo}`);
  assert.match(error.message, 'write:repository');
});

const found = async (stage: CommitStage) =>
  (await stage.reporter().check(stage.signal)).map(({ ok, text }) => `${ok}: ${text}`);

test(
  'checks that its user may push',
  async (stage) => {
    assert.match((await found(stage)).join('\n'), /^false: .*may not push/m);
  },
  { shown: { permissions: { push: false } } },
);

test(
  'checks that the repository is not archived',
  async (stage) => {
    assert.match((await found(stage)).join('\n'), /^false: .*is archived/m);
  },
  { shown: { archived: true } },
);

test('is wanted where the repository is there, or the author says so', async (stage) => {
  const wish = (settings: Record<string, string>, order = {}) =>
    gitea.auto(stage.loaded(settings), stage.orderOf(order), 'deploy');
  assert.ok(wish({}).wanted);
  assert.ok(wish({}, { forge: undefined }).wanted);
  assert.is(
    wish({ gitea_url: '' }, { forge: undefined }).why,
    'nothing says that the repository is on Gitea: set gitea_url',
  );
  assert.is(wish({}, { forge: 'github' }).why, 'the repository is on github');
  assert.is(wish({ gitea_token: '' }).why, 'no gitea_token');
  assert.is(wish({}, { commit: undefined }).why, 'no commit is known');
});

test('is reaped by a run that no build started, along the default branch', async (stage) => {
  const { forge, post } = stage.reporter();
  await forge?.look(stage.signal);
  await forge?.open(undefined, stage.signal);
  await post({ state: 'in_progress', description: 'It runs' }, stage.signal);
  const nightly = (order = {}) => stage.reporter(order, {}, 'reap').forge;
  const reaper = nightly({ commit: undefined, ref: undefined, runKey: 'f'.repeat(20) });
  const scope = { environment: undefined, component: undefined };
  const found = await reaper?.survey(scope, stage.signal);
  assert.equal(
    found?.map(({ owner }) => owner?.key),
    [stage.orderOf().runKey],
  );
});

test('names everything that it lacks at once', async (stage) => {
  const { commit: _, ...order } = stage.orderOf({ repo: 'shop' });
  const { clock, log } = stage;
  const deps = { verb: 'deploy', http: noHttp, clock, log } as const;
  const open = () => gitea.open(stage.loaded({ gitea_token: '' }), order, deps);
  assert.throws(open, /repo must be owner\/name/);
  assert.throws(open, /gitea_token is required to report to Gitea/);
  assert.throws(open, /commit is required for a commit status on Gitea/);
});

peculiar.run();
