import { head, merge, type Recorded } from '../reading.ts';

const always = {
  CI: 'true',
  BUILDKITE: 'true',
  BUILDKITE_BUILD_CHECKOUT_PATH: '/var/lib/buildkite-agent/builds/a/octo/hello',
  BUILDKITE_BUILD_CREATOR: 'Mona Lisa',
  BUILDKITE_BUILD_ID: '0190f6a2-3c1c-4b56-9c7e-0d8d4e0f8a11',
  BUILDKITE_BUILD_NUMBER: '1404',
  BUILDKITE_BUILD_URL: 'https://buildkite.com/octo/hello/builds/1404',
  BUILDKITE_JOB_ID: '0190f6a2-77aa',
  BUILDKITE_PIPELINE_PROVIDER: 'github',
  BUILDKITE_REPO: 'git@github.com:octo/hello.git',
  BUILDKITE_SOURCE: 'webhook',
  BUILDKITE_AGENT_ACCESS_TOKEN: 'hunter2',
};
const push = {
  ...always,
  BUILDKITE_BRANCH: 'main',
  BUILDKITE_COMMIT: head,
  BUILDKITE_PULL_REQUEST: 'false',
  BUILDKITE_PULL_REQUEST_REPO: '',
  BUILDKITE_TAG: '',
};
const pullRequest = {
  ...always,
  BUILDKITE_BRANCH: 'feature/login',
  BUILDKITE_COMMIT: head,
  BUILDKITE_PULL_REQUEST: '7',
  BUILDKITE_PULL_REQUEST_REPO: 'https://github.com/octo/hello.git',
};

export const builds = {
  push: { env: push },
  byHand: {
    env: {
      ...push,
      BUILDKITE_COMMIT: 'HEAD',
      BUILDKITE_SOURCE: 'ui',
      BUILDKITE_UNBLOCKER: 'Hubot',
    },
    head,
  },
  byHandWithoutWorkspace: { env: { ...push, BUILDKITE_COMMIT: 'HEAD', BUILDKITE_SOURCE: 'ui' } },
  tag: { env: { ...push, BUILDKITE_BRANCH: 'v1', BUILDKITE_TAG: 'v1' } },
  pullRequest: { env: pullRequest, head: merge },
  pullRequestAtMerge: {
    env: {
      ...pullRequest,
      BUILDKITE_COMMIT: 'HEAD',
      BUILDKITE_PULL_REQUEST_USING_MERGE_REFSPEC: 'true',
    },
    head: merge,
  },
  fork: {
    env: {
      ...pullRequest,
      BUILDKITE_BRANCH: 'mallory:feature/login',
      BUILDKITE_PULL_REQUEST_REPO: 'https://github.com/mallory/hello.git',
    },
  },
  enterprise: {
    env: {
      ...push,
      BUILDKITE_PIPELINE_PROVIDER: 'github_enterprise',
      BUILDKITE_REPO: 'https://buildkite:hunter2@ghe.example.com/octo/hello.git',
    },
  },
  afterFailure: { env: { ...push, BUILDKITE_COMMAND_EXIT_STATUS: '137' } },
  afterSuccess: { env: { ...push, BUILDKITE_COMMAND_EXIT_STATUS: '0' } },
} satisfies Record<string, Recorded>;
