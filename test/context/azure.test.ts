import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { azure } from '../../src/context/azure.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/azure.ts';

const Azure = suite('context: azure');

const page = 'https://dev.azure.com/octo/Web%20Shop/_build/results?buildId=8812';
const push = contextWith('azure', {
  host: 'dev.azure.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'feature/login',
  event: 'IndividualCI',
  status: 'success',
  execution: '8812',
  buildUrl: page,
  stepUrl: `${page}&view=logs&j=12f1170f-54f2-53f3-20dd-22fc7dff55f9`,
  actor: 'Mona Lisa',
  workspace: '/home/vsts/work/1/s',
});

Azure('reads a push with the whole branch name', () => {
  assert.equal(read(azure, builds.push), push);
});

Azure('reads the environment of a deployment job', () => {
  assert.equal(read(azure, builds.deploymentJob), { ...push, environment: 'production' });
});

Azure('reads a tag', () => {
  assert.equal(read(azure, builds.tag), { ...push, ref: 'v1' });
});

const pullRequest = { ...push, event: 'PullRequest', isPullRequest: true, deploys: false };

Azure('reads a pull request at its head, never at the merge', () => {
  assert.equal(read(azure, builds.pullRequest), pullRequest);
});

Azure('knows no commit of a pull request whose head is not told', () => {
  assert.equal(read(azure, builds.pullRequestWithoutHead), { ...pullRequest, commit: undefined });
});

Azure('takes the merge ref that somebody built by hand for a pull request', () => {
  assert.equal(read(azure, builds.pullRequestByHand), {
    ...pullRequest,
    event: 'Manual',
    commit: undefined,
    ref: undefined,
  });
});

Azure('takes the reason alone for a pull request', () => {
  const env = { ...builds.push.env, BUILD_REASON: 'PullRequest' };
  const { commit, isPullRequest } = read(azure, { env });
  assert.equal({ commit, isPullRequest }, { commit: undefined, isPullRequest: true });
});

Azure('takes the number alone for a pull request', () => {
  const env = { ...builds.push.env, SYSTEM_PULLREQUEST_PULLREQUESTID: '555' };
  assert.ok(read(azure, { env }).isPullRequest);
});

Azure('knows its host without a link of the build', () => {
  const env = { ...builds.push.env, SYSTEM_TEAMPROJECT: '' };
  const { host, buildUrl, stepUrl } = read(azure, { env });
  assert.equal([host, buildUrl, stepUrl], ['dev.azure.com', undefined, undefined]);
});

Azure('does not take a fork’s branch for one of this repository', () => {
  assert.equal(read(azure, builds.fork), { ...pullRequest, ref: undefined });
});

Azure('knows no forge for its own repositories, and no password from their link', () => {
  assert.equal(read(azure, builds.azureRepos), {
    ...push,
    repo: undefined,
    repoUrl: 'https://dev.azure.com/octo/Web%20Shop/_git/hello',
    forge: undefined,
  });
});

Azure('knows the forge of its provider', () => {
  const { forge, repoUrl } = read(azure, builds.enterprise);
  assert.equal(
    { forge, repoUrl },
    {
      forge: 'github',
      repoUrl: 'https://ghe.example.com/octo/hello',
    },
  );
});

for (const [build, status] of [
  ['failed', 'failure'],
  ['canceled', 'cancelled'],
  ['withIssues', 'success'],
] as const) {
  Azure(`reads a job ${build} as ${status}`, () => {
    assert.equal(read(azure, builds[build]), { ...push, status });
  });
}

Azure.run();
