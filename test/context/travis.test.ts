import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { travis } from '../../src/context/travis.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/travis.ts';

const Travis = suite('context: travis');

const push = contextWith('travis', {
  host: 'app.travis-ci.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: '273451122',
  buildUrl: 'https://app.travis-ci.com/github/octo/hello/builds/273451122',
  stepUrl: 'https://app.travis-ci.com/github/octo/hello/jobs/615151515',
  workspace: '/home/travis/build/octo/hello',
});

Travis('reads a push, where the pull request is called false', () => {
  assert.equal(read(travis, builds.push), push);
});

Travis('reads how the script ended in after_success', () => {
  assert.equal(read(travis, builds.afterSuccess), { ...push, status: 'success' });
});

Travis('reads how the script ended in after_failure', () => {
  assert.equal(read(travis, builds.afterFailure), { ...push, status: 'failure' });
});

Travis('reads a tag', () => {
  assert.equal(read(travis, builds.tag), { ...push, ref: 'v1' });
});

const pullRequest = {
  ...push,
  event: 'pull_request',
  ref: 'feature/login',
  isPullRequest: true,
  deploys: false,
};

Travis('reads a pull request at its head, never at the merge', () => {
  assert.equal(read(travis, builds.pullRequest), pullRequest);
});

Travis('knows no commit of a pull request whose head is not told', () => {
  assert.equal(read(travis, builds.pullRequestWithoutHead), { ...pullRequest, commit: undefined });
});

Travis('does not take a fork’s branch for one of this repository', () => {
  assert.equal(read(travis, builds.fork), { ...pullRequest, ref: undefined });
});

Travis('takes the number of a pull request for one where the event is not told', () => {
  const env = { ...builds.pullRequest.env, TRAVIS_EVENT_TYPE: '' };
  assert.equal(read(travis, { env }), { ...pullRequest, event: undefined });
});

Travis('says nothing of the forge behind a server of its own', () => {
  const { host, forge, repoUrl } = read(travis, builds.enterprise);
  assert.equal(
    { host, forge, repoUrl },
    {
      host: 'travis.example.com',
      forge: undefined,
      repoUrl: undefined,
    },
  );
});

Travis.run();
