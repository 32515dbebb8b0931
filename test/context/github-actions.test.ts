import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { githubActions } from '../../src/context/github-actions.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/github-actions.ts';

const Actions = suite('context: github-actions');

const push = contextWith('github-actions', {
  host: 'github.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forgeApiUrl: 'https://api.github.com',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '19546203157',
  buildUrl: 'https://github.com/octo/hello/actions/runs/19546203157',
  stepUrl: 'https://github.com/octo/hello/actions/runs/19546203157/attempts/2',
  actor: 'hubot',
  workspace: '/github/workspace',
});

Actions('reads a push', () => {
  assert.equal(read(githubActions, builds.push), push);
});

Actions('reads a run by hand, whose inputs are the author’s own names', () => {
  assert.equal(read(githubActions, builds.workflowDispatch), {
    ...push,
    event: 'workflow_dispatch',
  });
});

Actions('shortens a tag', () => {
  assert.equal(read(githubActions, builds.tag), { ...push, ref: 'v1' });
});

const deployment = {
  ...push,
  event: 'deployment',
  environment: 'production',
  task: 'deploy:migrations',
  deploymentId: '3127856324',
  startedByForge: true,
};

Actions('reads a deployment from the event file', () => {
  assert.equal(read(githubActions, builds.deploymentOfBranch), deployment);
});

Actions('has no ref for a deployment of a sha', () => {
  assert.equal(read(githubActions, builds.deploymentOfSha), { ...deployment, ref: undefined });
});

for (const build of [
  'deploymentBroken',
  'deploymentOddly',
  'deploymentMistyped',
  'deploymentNull',
  'deploymentUnread',
] as const) {
  Actions(`survives an event file without sense (${build})`, () => {
    assert.equal(read(githubActions, builds[build]), {
      ...deployment,
      environment: undefined,
      task: undefined,
      deploymentId: undefined,
    });
  });
}

Actions('does not deploy when a status of a deployment started it', () => {
  assert.equal(read(githubActions, builds.deploymentStatus), {
    ...deployment,
    event: 'deployment_status',
    deploys: false,
  });
});

const pullRequest = {
  ...push,
  event: 'pull_request',
  ref: 'feature/login',
  isPullRequest: true,
  deploys: false,
};

Actions('reads a pull request at its head, never at the merge', () => {
  assert.equal(read(githubActions, builds.pullRequest), pullRequest);
});

for (const build of ['pullRequestOfFork', 'pullRequestOfLostFork'] as const) {
  Actions(`does not take a fork’s branch for one of this repository (${build})`, () => {
    assert.equal(read(githubActions, builds[build]), { ...pullRequest, ref: undefined });
  });
}

Actions('knows no commit of a pull request without its event', () => {
  assert.equal(read(githubActions, builds.pullRequestBroken), {
    ...pullRequest,
    commit: undefined,
    ref: undefined,
  });
});

Actions('reads pull_request_target at the head, not at the base', () => {
  assert.equal(read(githubActions, builds.pullRequestTarget), {
    ...pullRequest,
    event: 'pull_request_target',
  });
});

Actions('lets a review deploy, at the head of what was reviewed', () => {
  assert.equal(read(githubActions, builds.pullRequestReview), {
    ...pullRequest,
    event: 'pull_request_review',
    deploys: true,
  });
});

Actions('reads an older server of its own', () => {
  const { actor, host, repoUrl, forgeApiUrl, buildUrl } = read(githubActions, builds.enterprise);
  assert.equal(
    { actor, host, repoUrl, forgeApiUrl, buildUrl },
    {
      actor: 'mona',
      host: 'ghe.example.com:8443',
      repoUrl: 'https://ghe.example.com:8443/octo/hello',
      forgeApiUrl: 'https://ghe.example.com:8443/api/v3',
      buildUrl: 'https://ghe.example.com:8443/octo/hello/actions/runs/19546203157',
    },
  );
});

Actions.run();
