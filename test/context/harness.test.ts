import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harness } from '../../src/context/harness.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/harness.ts';

const Harness = suite('context: harness');

const manual = contextWith('harness', {
  host: 'app.harness.io',
  repo: 'octo/hello',
  repoUrl: 'https://git.example.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '0ZqKdyTJQqeRvyA9Ml1uJg',
  createdAt: 1_795_258_800_000,
  buildUrl:
    'https://app.harness.io/ng/account/vpCkHKsDSxK9/ci/executions/0ZqKdyTJQqeRvyA9Ml1uJg/pipeline',
  workspace: '/harness',
  openEnvironment: true,
  openRepoUrl: true,
  emptyMeansMissing: true,
  ownPluginNames: ['artifact_file', 'pipeline'],
});

Harness('reads a manual build, which has no ref, no status and never a target', () => {
  assert.equal(read(harness, builds.manualBranch), manual);
});

Harness('keeps to the setting for the environment, even where Drone’s variable is there', () => {
  const env = { ...builds.push.env, DRONE_DEPLOY_TO: 'production' };
  assert.is(read(harness, { env }).environment, undefined);
});

Harness('reads a push, and a stage that failed in a build that says success', () => {
  assert.equal(read(harness, builds.push), { ...manual, actor: 'mona', status: 'failure' });
});

Harness('reads a tag chosen by hand', () => {
  assert.equal(read(harness, builds.manualTag), { ...manual, event: 'tag', ref: 'v1' });
});

Harness('reads a pushed tag', () => {
  assert.equal(read(harness, builds.pushedTag), { ...manual, event: 'tag', ref: 'v1' });
});

const pullRequest = { ...manual, ref: 'feature/login', isPullRequest: true, deploys: false };

Harness('reads a pull request at its head', () => {
  assert.equal(read(harness, builds.pullRequest), { ...pullRequest, event: 'pull_request' });
});

Harness('takes a manual build of a pull request for one', () => {
  assert.equal(read(harness, builds.manualPullRequest), { ...pullRequest, event: undefined });
});

Harness('knows the forge by its host where no variable names it', () => {
  const env = {
    ...builds.push.env,
    DRONE_REPO_SCM: '',
    DRONE_REPO_LINK: 'https://bitbucket.org/octo/hello',
  };
  assert.is(read(harness, { env }).forge, 'bitbucket');
});

Harness('knows little without a codebase', () => {
  assert.equal(
    read(harness, builds.bare),
    contextWith('harness', {
      execution: '0ZqKdyTJQqeRvyA9Ml1uJg',
      openEnvironment: true,
      openRepoUrl: true,
      emptyMeansMissing: true,
      ownPluginNames: ['artifact_file', 'pipeline'],
    }),
  );
});

Harness.run();
