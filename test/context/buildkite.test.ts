import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildkite } from '../../src/context/buildkite.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/buildkite.ts';

const Buildkite = suite('context: buildkite');

const push = contextWith('buildkite', {
  host: 'buildkite.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'webhook',
  execution: '0190f6a2-3c1c-4b56-9c7e-0d8d4e0f8a11',
  buildUrl: 'https://buildkite.com/octo/hello/builds/1404',
  stepUrl: 'https://buildkite.com/octo/hello/builds/1404#0190f6a2-77aa',
  actor: 'Mona Lisa',
  workspace: '/var/lib/buildkite-agent/builds/a/octo/hello',
});

Buildkite('reads a push', () => {
  assert.equal(read(buildkite, builds.push), push);
});

Buildkite('asks the workspace what HEAD is, and names who unblocked the build', () => {
  assert.equal(read(buildkite, builds.byHand), { ...push, event: 'ui', actor: 'Hubot' });
});

Buildkite('knows no commit when HEAD cannot be asked for', () => {
  assert.equal(read(buildkite, builds.byHandWithoutWorkspace), {
    ...push,
    commit: undefined,
    event: 'ui',
  });
});

Buildkite('reads a tag', () => {
  assert.equal(read(buildkite, builds.tag), { ...push, ref: 'v1' });
});

const pullRequest = {
  ...push,
  event: 'pull_request',
  ref: 'feature/login',
  isPullRequest: true,
  deploys: false,
};

Buildkite('reads a pull request at its head', () => {
  assert.equal(read(buildkite, builds.pullRequest), pullRequest);
});

Buildkite('knows no commit of a pull request that it merges', () => {
  assert.equal(read(buildkite, builds.pullRequestAtMerge), { ...pullRequest, commit: undefined });
});

Buildkite('does not take a fork’s branch for one of this repository', () => {
  assert.equal(read(buildkite, builds.fork), { ...pullRequest, ref: undefined });
});

Buildkite('knows the forge of its provider, and no password from its link', () => {
  const { forge, repoUrl } = read(buildkite, builds.enterprise);
  assert.equal(
    { forge, repoUrl },
    {
      forge: 'github',
      repoUrl: 'https://ghe.example.com/octo/hello',
    },
  );
});

Buildkite('reads how the command ended in a later hook', () => {
  assert.equal(read(buildkite, builds.afterSuccess), { ...push, status: 'success' });
  assert.equal(read(buildkite, builds.afterFailure), { ...push, status: 'failure' });
});

Buildkite.run();
