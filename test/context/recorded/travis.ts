import { head, merge, type Recorded } from '../reading.ts';

const always = {
  CI: 'true',
  TRAVIS: 'true',
  TRAVIS_REPO_SLUG: 'octo/hello',
  TRAVIS_BRANCH: 'main',
  TRAVIS_BUILD_DIR: '/home/travis/build/octo/hello',
  TRAVIS_BUILD_ID: '273451122',
  TRAVIS_BUILD_NUMBER: '301',
  TRAVIS_BUILD_WEB_URL: 'https://app.travis-ci.com/github/octo/hello/builds/273451122',
  TRAVIS_JOB_WEB_URL: 'https://app.travis-ci.com/github/octo/hello/jobs/615151515',
  TRAVIS_TAG: '',
};
const push = {
  ...always,
  TRAVIS_EVENT_TYPE: 'push',
  TRAVIS_COMMIT: head,
  TRAVIS_PULL_REQUEST: 'false',
  TRAVIS_PULL_REQUEST_BRANCH: '',
  TRAVIS_PULL_REQUEST_SHA: '',
  TRAVIS_PULL_REQUEST_SLUG: '',
};
const pullRequest = {
  ...always,
  TRAVIS_EVENT_TYPE: 'pull_request',
  TRAVIS_COMMIT: merge,
  TRAVIS_PULL_REQUEST: '7',
  TRAVIS_PULL_REQUEST_BRANCH: 'feature/login',
  TRAVIS_PULL_REQUEST_SHA: head,
  TRAVIS_PULL_REQUEST_SLUG: 'octo/hello',
};

export const builds = {
  push: { env: push },
  afterSuccess: { env: { ...push, TRAVIS_TEST_RESULT: '0' } },
  afterFailure: { env: { ...push, TRAVIS_TEST_RESULT: '1' } },
  tag: { env: { ...push, TRAVIS_TAG: 'v1', TRAVIS_BRANCH: 'v1' } },
  pullRequest: { env: pullRequest },
  pullRequestWithoutHead: { env: { ...pullRequest, TRAVIS_PULL_REQUEST_SHA: '' } },
  fork: { env: { ...pullRequest, TRAVIS_PULL_REQUEST_SLUG: 'mallory/hello' } },
  enterprise: {
    env: {
      ...push,
      TRAVIS_BUILD_WEB_URL: 'https://travis.example.com/github/octo/hello/builds/5',
    },
  },
} satisfies Record<string, Recorded>;
