import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jenkins } from '../../src/context/jenkins.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/jenkins.ts';

const Jenkins = suite('context: jenkins');

const page = 'https://jenkins.example.com/job/octo/job/hello/job/main/17/';
const branch = contextWith('jenkins', {
  host: 'jenkins.example.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'push',
  execution: 'octo/hello/main#17',
  buildUrl: page,
  stepUrl: `${page}console`,
  workspace: '/var/jenkins_home/workspace/octo_hello_main',
});

Jenkins('reads a branch of a multibranch job, and no password from its link', () => {
  assert.equal(read(jenkins, builds.multibranch), {
    ...branch,
    buildUrl: `${page}display/redirect`,
    actor: 'hubot',
  });
});

Jenkins('strips the remote from a branch, and reads an ssh address', () => {
  assert.equal(read(jenkins, builds.freestyle), { ...branch, ref: 'feature/login' });
});

Jenkins('knows no branch of a detached head, and no forge behind a host of its own', () => {
  assert.equal(read(jenkins, builds.detached), {
    ...branch,
    repoUrl: 'https://git.example.com/octo/hello',
    forge: undefined,
    ref: undefined,
  });
});

Jenkins('asks the workspace in a scripted pipeline, which passes no commit', () => {
  assert.equal(read(jenkins, builds.scripted), {
    ...branch,
    repo: undefined,
    repoUrl: undefined,
    forge: undefined,
  });
});

Jenkins('reads a tag', () => {
  assert.equal(read(jenkins, builds.tag), { ...branch, event: 'tag', ref: 'v1' });
});

const change = {
  ...branch,
  event: 'pull_request',
  ref: 'feature/login',
  isPullRequest: true,
  deploys: false,
  actor: 'mona',
};

for (const build of ['change', 'changeAtMerge'] as const) {
  Jenkins(`knows no commit of a change that may be merged (${build})`, () => {
    assert.equal(read(jenkins, builds[build]), { ...change, commit: undefined });
  });
}

Jenkins('reads a change whose job builds the head', () => {
  assert.equal(read(jenkins, builds.changeAtHead), change);
});

Jenkins('does not take a fork’s branch for one of this repository', () => {
  assert.equal(read(jenkins, builds.changeOfFork), { ...change, ref: undefined });
});

const byPlugin = { ...change, ref: undefined, actor: undefined };

Jenkins('reads the head that the pull request builder names', () => {
  assert.equal(read(jenkins, builds.ghprb), byPlugin);
});

Jenkins('reads the head that the GitLab plugin names', () => {
  assert.equal(read(jenkins, builds.gitlabMergeRequest), {
    ...byPlugin,
    repoUrl: 'https://gitlab.com/octo/hello',
    forge: 'gitlab',
  });
});

Jenkins('knows its host without a link of the build', () => {
  const env = { ...builds.freestyle.env, BUILD_URL: '' };
  const { host, buildUrl, stepUrl } = read(jenkins, { env });
  assert.equal([host, buildUrl, stepUrl], ['jenkins.example.com', undefined, undefined]);
});

Jenkins('has no execution without a build’s name and number', () => {
  const env = { ...builds.freestyle.env, BUILD_NUMBER: '' };
  assert.is(read(jenkins, { env }).execution, undefined);
});

Jenkins.run();
