import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { commitState } from '../../src/forges/commit-statuses.ts';
import { markedLink, markerOf, readLink } from '../../src/identity.ts';
import { githubStatus } from '../../src/reporters/github-status.ts';
import {
  loadedOf,
  olderSha,
  oldestSha,
  onStage,
  rejected,
  type Stage,
  sha,
} from '../forges/github/stage.ts';
import { canned } from '../support/github/fake-github.ts';
import { testReporter } from './contract.ts';
import { githubScenario } from './github-stage.ts';

testReporter(
  'github-status',
  githubScenario({
    entry: githubStatus,
    settings: { create_deployment: 'false' },
    posts: /^\/repos\/acme\/shop\/statuses\//,
    heard: ({ github }) =>
      github
        .commitStatuses(sha)
        .toReversed()
        .map(({ state, description }) => ({ state, description: description ?? '' })),
    word: commitState,
  }),
);

const telling = suite('github-status');
const test = (title: string, play: (stage: Stage) => Promise<void>, graphql = true) =>
  telling(title, () => onStage(play, { graphql }));

const link = (stage: Stage, runKey: string, seq = stage.clock.now()) =>
  markedLink(['https://ci.example/6'], markerOf({ runKey, seq, expiry: seq + 60_000 })) ?? '';

test('posts under the name of the environment and the component, with a marked link', async (stage) => {
  const reporter = stage.reporter(githubStatus, {}, { component: 'api' });
  await reporter.forge?.open(undefined, stage.signal);
  await reporter.post({ state: 'in_progress', description: 'Deploying' }, stage.signal);
  const [status] = stage.github.commitStatuses(sha);
  assert.is(status?.context, 'slipway/production/api');
  assert.is(status?.state, 'pending');
  assert.is(readLink(status?.targetUrl)?.key, stage.orderOf().runKey);
  assert.match(status?.targetUrl ?? '', 'https://ci.example/acme/shop/7/1/2?slipway=');
  assert.equal(stage.exchanges(), [`POST /repos/acme/shop/statuses/${sha}`]);
});

test("posts under the author's name", async (stage) => {
  const reporter = stage.reporter(githubStatus, { status_context: 'deploy/eu' });
  await reporter.forge?.open(undefined, stage.signal);
  await reporter.post({ state: 'success', description: 'Deployed' }, stage.signal);
  assert.is(stage.github.commitStatuses(sha)[0]?.context, 'deploy/eu');
});

for (const graphql of [true, false]) {
  const how = graphql ? 'in one exchange' : 'by REST where GraphQL is refused';
  test(
    `looks at the commits of the ref, in its context alone, ${how}`,
    async (stage) => {
      const { github, signal } = stage;
      const context = 'slipway/production';
      const target_url = link(stage, 'd'.repeat(20));
      github.addCommitStatus(olderSha, { state: 'success', context, target_url });
      github.addCommitStatus(oldestSha, { state: 'pending', context: 'Slipway/Production' });
      github.addCommitStatus(oldestSha, { state: 'pending', context: 'ci/build' });
      const look = await stage.reporter(githubStatus).forge?.look(signal);
      assert.equal(
        look?.others.map(({ id, statuses, owner }) => [id, statuses[0]?.state, owner?.key]),
        [
          [olderSha, 'success', 'd'.repeat(20)],
          [oldestSha, 'pending', undefined],
        ],
      );
      if (graphql) assert.equal(stage.exchanges(), ['POST /graphql']);
    },
    graphql,
  );
}

test('looks at its own commit alone where it may see no commits', async (stage) => {
  stage.github.fail({ path: /^\/graphql$/, do: canned.noPermission });
  stage.github.fail({ path: /\/commits$/, do: canned.noPermission });
  stage.github.addCommitStatus(sha, { state: 'success', context: 'slipway/production' });
  const look = await stage.reporter(githubStatus).forge?.look(stage.signal);
  assert.equal(
    look?.others.map(({ id }) => id),
    [sha],
  );
});

test('sees its own commit where the ref has moved on or is a tag', async (stage) => {
  stage.github.addCommitStatus(sha, { state: 'success', context: 'slipway/production' });
  stage.github.addCommitStatus(olderSha, { state: 'failure', context: 'slipway/production' });
  const idsAt = async (ref: string) =>
    (await stage.reporter(githubStatus, {}, { ref }).forge?.look(stage.signal))?.others.map(
      ({ id }) => id,
    );
  assert.equal(await idsAt('topic'), [sha, olderSha]);
  assert.equal(await idsAt('v1'), [sha, olderSha]);
});

test("tells the environments of the author's one context apart", async (stage) => {
  const { signal } = stage;
  const settings = { status_context: 'deploy' };
  const of = (environment: string, runKey: string) =>
    stage.reporter(githubStatus, settings, { environment, runKey, commit: olderSha });
  for (const [environment, key] of [
    ['staging', 'd'],
    ['production', 'e'],
  ] as const) {
    const theirs = of(environment, key.repeat(20));
    await theirs.forge?.open(undefined, signal);
    await theirs.post({ state: 'success', description: 'Deployed' }, signal);
    const look = await stage.reporter(githubStatus, settings).forge?.look(signal);
    const isMine = environment === 'production';
    assert.is(look?.others.length, isMine ? 1 : 0);
  }
});

test('leaves a dead run on its own commit to its own status', async (stage) => {
  const target_url = link(stage, 'd'.repeat(20));
  stage.github.addCommitStatus(sha, {
    state: 'pending',
    context: 'slipway/production',
    target_url,
  });
  const close = async (verb: 'deploy' | 'reap') => {
    const { forge } = stage.reporter(githubStatus, {}, {}, verb);
    const look = await forge?.look(stage.signal);
    const [orphan] = look?.others ?? [];
    if (orphan) await forge?.close(orphan, { state: 'error', description: 'Lost' }, stage.signal);
  };
  await close('deploy');
  assert.is(stage.github.commitStatuses(sha).length, 1);
  await close('reap');
  assert.is(stage.github.commitStatuses(sha)[0]?.state, 'error');
});

test('says when GitHub takes no more statuses', async (stage) => {
  const reporter = stage.reporter(githubStatus);
  await reporter.forge?.open(undefined, stage.signal);
  const message = 'This SHA and context has reached the maximum number of statuses.';
  stage.github.fail({ method: 'POST', do: canned.invalid([{ message }]) });
  const error = await rejected(reporter.post({ state: 'success', description: 'x' }, stage.signal));
  assert.match(error.message, 'has 1000 statuses in the context slipway/production');
  assert.match(error.message, 'set another status_context');
  assert.is((error as RemoteError).kind, 'refused');
});

test('says that a commit was never pushed', async (stage) => {
  const reporter = stage.reporter(githubStatus, {}, { commit: 'e'.repeat(40) });
  await reporter.forge?.open(undefined, stage.signal);
  const error = await rejected(reporter.post({ state: 'success', description: 'x' }, stage.signal));
  assert.match(error.message, `commit ${'e'.repeat(40)} is wrong, or was never pushed`);
});

test('is wanted where there is no deployment, or by name', async (stage) => {
  const { auto, settings } = githubStatus;
  const wish = (more: Record<string, string>, order = {}) =>
    auto(loadedOf(settings, { github_token: 'x', ...more }), stage.orderOf(order), 'deploy');
  assert.not.ok(wish({}).wanted);
  assert.ok(wish({}, { system: 'drone' }).wanted);
  assert.not.ok(wish({}, { system: 'drone', deploymentId: '5' }).wanted);
  assert.ok(wish({ status_context: 'x' }, { deploymentId: '5' }).wanted);
  assert.ok(wish({ create_deployment: 'false' }).wanted);
  assert.is(wish({}, { forge: 'gitea' }).why, 'the repository is on gitea');
  assert.is(wish({ github_token: '' }).why, 'no github_token');
});

telling.run();
