import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { circleci } from '../../src/context/circleci.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/circleci.ts';

const Circle = suite('context: circleci');

const push = contextWith('circleci', {
  host: 'circleci.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '2f6bd9b5-8f7e-4d5f-9a5d-0a55d4b1a0a1',
  buildUrl: 'https://circleci.com/gh/octo/hello/501',
  actor: 'mona',
});

Circle('reads a push, whose folder in a home is no path', () => {
  assert.equal(read(circleci, builds.push), push);
});

Circle('deploys a branch that a pull request names', () => {
  assert.equal(read(circleci, builds.branchOfPullRequest), { ...push, ref: 'feature/login' });
});

Circle('takes a fork’s build for a pull request', () => {
  assert.equal(read(circleci, builds.fork), {
    ...push,
    event: 'pull_request',
    ref: undefined,
    isPullRequest: true,
    deploys: false,
  });
});

Circle('reads a tag', () => {
  assert.equal(read(circleci, builds.tag), { ...push, event: 'tag', ref: 'v1' });
});

Circle('reads a repository that has no owner of one name', () => {
  const { repo, forge, workspace } = read(circleci, builds.gitlab);
  assert.equal(
    { repo, forge, workspace },
    {
      repo: 'octo/web/hello',
      forge: 'gitlab',
      workspace: '/home/circleci/project',
    },
  );
});

Circle('does without the repository’s link', () => {
  assert.equal(read(circleci, builds.withoutUrl), {
    ...push,
    repoUrl: undefined,
    forge: undefined,
  });
});

Circle.run();
