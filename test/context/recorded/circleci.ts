import { head, type Recorded } from '../reading.ts';

const always = {
  CI: 'true',
  CIRCLECI: 'true',
  CIRCLE_BUILD_NUM: '501',
  CIRCLE_BUILD_URL: 'https://circleci.com/gh/octo/hello/501',
  CIRCLE_PROJECT_USERNAME: 'octo',
  CIRCLE_PROJECT_REPONAME: 'hello',
  CIRCLE_REPOSITORY_URL: 'git@github.com:octo/hello.git',
  CIRCLE_SHA1: head,
  CIRCLE_USERNAME: 'mona',
  CIRCLE_WORKFLOW_ID: '2f6bd9b5-8f7e-4d5f-9a5d-0a55d4b1a0a1',
  CIRCLE_WORKING_DIRECTORY: '~/project',
};

export const builds = {
  push: { env: { ...always, CIRCLE_BRANCH: 'main' } },
  branchOfPullRequest: {
    env: {
      ...always,
      CIRCLE_BRANCH: 'feature/login',
      CIRCLE_PULL_REQUEST: 'https://github.com/octo/hello/pull/7',
      CIRCLE_PULL_REQUESTS: 'https://github.com/octo/hello/pull/7',
    },
  },
  fork: {
    env: {
      ...always,
      CIRCLE_BRANCH: 'pull/7',
      CIRCLE_PR_NUMBER: '7',
      CIRCLE_PR_USERNAME: 'mallory',
      CIRCLE_PR_REPONAME: 'hello',
      CIRCLE_PULL_REQUEST: 'https://github.com/octo/hello/pull/7',
    },
  },
  tag: { env: { ...always, CIRCLE_TAG: 'v1' } },
  gitlab: {
    env: {
      ...always,
      CIRCLE_BRANCH: 'main',
      CIRCLE_PROJECT_USERNAME: '',
      CIRCLE_REPOSITORY_URL: 'https://gitlab.com/octo/web/hello.git',
      CIRCLE_WORKING_DIRECTORY: '/home/circleci/project',
    },
  },
  withoutUrl: { env: { ...always, CIRCLE_BRANCH: 'main', CIRCLE_REPOSITORY_URL: '' } },
} satisfies Record<string, Recorded>;
