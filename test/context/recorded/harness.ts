import { head, type Recorded } from '../reading.ts';

const always = {
  DRONE: 'true',
  HARNESS_ACCOUNT_ID: 'vpCkHKsDSxK9',
  HARNESS_ORG_ID: 'default',
  HARNESS_PROJECT_ID: 'shop',
  HARNESS_PIPELINE_ID: 'deploy',
  HARNESS_BUILD_ID: '12',
  HARNESS_EXECUTION_ID: '0ZqKdyTJQqeRvyA9Ml1uJg',
  HARNESS_STAGE_ID: 'deploy',
  HARNESS_WORKSPACE: '/harness',
  DRONE_WORKSPACE: '/harness',
  DRONE_SYSTEM_HOST: 'localhost',
  DRONE_BUILD_NUMBER: '12',
  DRONE_BUILD_LINK:
    'https://app.harness.io/ng/account/vpCkHKsDSxK9/ci/executions/0ZqKdyTJQqeRvyA9Ml1uJg/pipeline',
  DRONE_BUILD_CREATED: '1795258800',
  DRONE_STAGE_NUMBER: 'deploy',
  DRONE_REPO: 'octo/hello',
  DRONE_REPO_LINK: 'https://git.example.com/octo/hello',
  DRONE_REPO_SCM: 'Github',
  DRONE_COMMIT_SHA: head,
  DRONE_NETRC_MACHINE: 'git.example.com',
  DRONE_NETRC_PASSWORD: 'hunter2',
  PLUGIN_ARTIFACT_FILE: '/addon/artifact.json',
  PLUGIN_PIPELINE: 'deploy',
};

export const builds = {
  manualBranch: {
    env: {
      ...always,
      DRONE_BUILD_EVENT: 'push',
      DRONE_BUILD_STATUS: '',
      DRONE_BUILD_TRIGGER: '',
      DRONE_COMMIT_REF: '',
      DRONE_COMMIT_AUTHOR: 'null',
      DRONE_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'main',
    },
  },
  manualTag: { env: { ...always, DRONE_BUILD_EVENT: 'tag', DRONE_TAG: 'v1', DRONE_BRANCH: '' } },
  pushedTag: {
    env: {
      ...always,
      DRONE_BUILD_EVENT: 'tag',
      DRONE_TAG: 'v1',
      DRONE_COMMIT_REF: 'refs/tags/v1',
      DRONE_BRANCH: 'refs/tags/v1',
    },
  },
  push: {
    env: {
      ...always,
      DRONE_BUILD_EVENT: 'push',
      DRONE_BUILD_STATUS: 'success',
      DRONE_STAGE_STATUS: 'failed',
      DRONE_COMMIT_AUTHOR: 'mona',
      DRONE_COMMIT_REF: 'refs/heads/main',
      DRONE_BRANCH: 'main',
    },
  },
  pullRequest: {
    env: {
      ...always,
      DRONE_BUILD_EVENT: 'pull_request',
      DRONE_PULL_REQUEST: '7',
      DRONE_COMMIT_REF: 'refs/pull/7/head',
      DRONE_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'feature/login',
    },
  },
  manualPullRequest: {
    env: {
      ...always,
      DRONE_PULL_REQUEST: '7',
      DRONE_COMMIT_REF: '',
      DRONE_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'feature/login',
    },
  },
  /** A pipeline without a codebase. */
  bare: {
    env: {
      DRONE: 'true',
      HARNESS_BUILD_ID: '12',
      HARNESS_EXECUTION_ID: '0ZqKdyTJQqeRvyA9Ml1uJg',
      DRONE_REPO: '',
      DRONE_COMMIT_SHA: '',
    },
  },
} satisfies Record<string, Recorded>;
