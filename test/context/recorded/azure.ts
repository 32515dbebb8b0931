import { head, merge, type Recorded } from '../reading.ts';

const always = {
  TF_BUILD: 'True',
  AGENT_JOBSTATUS: 'Succeeded',
  BUILD_BUILDID: '8812',
  BUILD_BUILDNUMBER: '20261121.4',
  BUILD_REPOSITORY_NAME: 'octo/hello',
  BUILD_REPOSITORY_PROVIDER: 'GitHub',
  BUILD_REPOSITORY_URI: 'https://github.com/octo/hello.git',
  BUILD_REQUESTEDFOR: 'Mona Lisa',
  BUILD_SOURCESDIRECTORY: '/home/vsts/work/1/s',
  SYSTEM_COLLECTIONURI: 'https://dev.azure.com/octo/',
  SYSTEM_JOBID: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
  SYSTEM_TEAMPROJECT: 'Web Shop',
  SYSTEM_ACCESSTOKEN: 'hunter2',
};
const push = {
  ...always,
  BUILD_REASON: 'IndividualCI',
  BUILD_SOURCEBRANCH: 'refs/heads/feature/login',
  BUILD_SOURCEBRANCHNAME: 'login',
  BUILD_SOURCEVERSION: head,
};
const pullRequest = {
  ...always,
  BUILD_REASON: 'PullRequest',
  BUILD_SOURCEBRANCH: 'refs/pull/7/merge',
  BUILD_SOURCEVERSION: merge,
  SYSTEM_PULLREQUEST_ISFORK: 'False',
  SYSTEM_PULLREQUEST_PULLREQUESTID: '555',
  SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: '7',
  SYSTEM_PULLREQUEST_SOURCEBRANCH: 'feature/login',
  SYSTEM_PULLREQUEST_SOURCECOMMITID: head,
};

export const builds = {
  push: { env: push },
  deploymentJob: { env: { ...push, ENVIRONMENT_NAME: 'production' } },
  tag: { env: { ...push, BUILD_SOURCEBRANCH: 'refs/tags/v1', BUILD_SOURCEBRANCHNAME: 'v1' } },
  pullRequest: { env: pullRequest },
  pullRequestWithoutHead: { env: { ...pullRequest, SYSTEM_PULLREQUEST_SOURCECOMMITID: '' } },
  pullRequestByHand: {
    env: {
      ...always,
      BUILD_REASON: 'Manual',
      BUILD_SOURCEBRANCH: 'refs/pull/7/merge',
      BUILD_SOURCEVERSION: merge,
    },
  },
  fork: { env: { ...pullRequest, SYSTEM_PULLREQUEST_ISFORK: 'True' } },
  azureRepos: {
    env: {
      ...push,
      BUILD_REPOSITORY_NAME: 'hello',
      BUILD_REPOSITORY_PROVIDER: 'TfsGit',
      BUILD_REPOSITORY_URI: 'https://octo:hunter2@dev.azure.com/octo/Web%20Shop/_git/hello',
    },
  },
  enterprise: {
    env: {
      ...push,
      BUILD_REPOSITORY_PROVIDER: 'GitHubEnterprise',
      BUILD_REPOSITORY_URI: 'https://ghe.example.com/octo/hello.git',
    },
  },
  failed: { env: { ...push, AGENT_JOBSTATUS: 'Failed' } },
  canceled: { env: { ...push, AGENT_JOBSTATUS: 'Canceled' } },
  withIssues: { env: { ...push, AGENT_JOBSTATUS: 'SucceededWithIssues' } },
} satisfies Record<string, Recorded>;
