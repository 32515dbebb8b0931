import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bitbucket } from '../../src/context/bitbucket.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/bitbucket.ts';

const Bitbucket = suite('context: bitbucket');

const push = contextWith('bitbucket', {
  host: 'bitbucket.org',
  repo: 'octo/hello',
  repoUrl: 'https://bitbucket.org/octo/hello',
  forge: 'bitbucket',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '33',
  buildUrl: 'https://bitbucket.org/octo/hello/pipelines/results/33',
  stepUrl: 'https://bitbucket.org/octo/hello/pipelines/results/33/steps/%7B3b1c%7D',
  actor: '{d301aafa}',
  workspace: '/opt/atlassian/pipelines/agent/build',
});

Bitbucket('reads a push', () => {
  assert.equal(read(bitbucket, builds.push), push);
});

Bitbucket('reads the environment of a deployment step', () => {
  assert.equal(read(bitbucket, builds.deployment), { ...push, environment: 'production' });
});

Bitbucket('reads a tag', () => {
  assert.equal(read(bitbucket, builds.tag), { ...push, event: 'tag', ref: 'v1' });
});

Bitbucket('tells a pull request by its id', () => {
  assert.equal(read(bitbucket, builds.pullRequest), {
    ...push,
    event: 'pull_request',
    ref: 'feature/login',
    isPullRequest: true,
    deploys: false,
  });
});

Bitbucket('reads how the step ended in after-script', () => {
  assert.equal(read(bitbucket, builds.afterSuccess), { ...push, status: 'success' });
  assert.equal(read(bitbucket, builds.afterFailure), { ...push, status: 'failure' });
});

Bitbucket.run();
