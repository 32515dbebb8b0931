import { head, merge, type Recorded } from '../reading.ts';

const always = {
  CI: 'true',
  GITLAB_CI: 'true',
  CI_SERVER_HOST: 'gitlab.example.com',
  CI_API_V4_URL: 'https://gitlab.example.com/api/v4',
  CI_PROJECT_PATH: 'octo/web/hello',
  CI_PROJECT_URL: 'https://gitlab.example.com/octo/web/hello',
  CI_PROJECT_DIR: '/builds/octo/web/hello',
  CI_PIPELINE_ID: '90125',
  CI_PIPELINE_IID: '77',
  CI_PIPELINE_URL: 'https://gitlab.example.com/octo/web/hello/-/pipelines/90125',
  CI_PIPELINE_CREATED_AT: '2026-11-21T10:20:00Z',
  CI_JOB_URL: 'https://gitlab.example.com/octo/web/hello/-/jobs/4711',
  CI_JOB_STATUS: 'running',
  CI_JOB_TOKEN: 'hunter2',
  CI_REPOSITORY_URL: 'https://gitlab-ci-token:hunter2@gitlab.example.com/octo/web/hello.git',
  GITLAB_USER_LOGIN: 'mona',
};
const push = {
  ...always,
  CI_PIPELINE_SOURCE: 'push',
  CI_COMMIT_SHA: head,
  CI_COMMIT_REF_NAME: 'main',
  CI_COMMIT_BRANCH: 'main',
};
const mergeRequest = {
  ...always,
  CI_PIPELINE_SOURCE: 'merge_request_event',
  CI_COMMIT_REF_NAME: 'feature/login',
  CI_MERGE_REQUEST_ID: '250833',
  CI_MERGE_REQUEST_IID: '7',
  CI_MERGE_REQUEST_PROJECT_PATH: 'octo/web/hello',
  CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'octo/web/hello',
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/login',
  CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
};
const merged = {
  ...mergeRequest,
  CI_MERGE_REQUEST_EVENT_TYPE: 'merged_result',
  CI_COMMIT_SHA: merge,
};

export const builds = {
  push: { env: push },
  deployJob: { env: { ...push, CI_ENVIRONMENT_NAME: 'production' } },
  tag: { env: { ...push, CI_COMMIT_REF_NAME: 'v1', CI_COMMIT_TAG: 'v1', CI_COMMIT_BRANCH: '' } },
  detached: {
    env: { ...mergeRequest, CI_MERGE_REQUEST_EVENT_TYPE: 'detached', CI_COMMIT_SHA: head },
  },
  mergedResult: { env: { ...merged, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: head } },
  mergeTrain: {
    env: {
      ...merged,
      CI_MERGE_REQUEST_EVENT_TYPE: 'merge_train',
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: head,
    },
  },
  mergedResultWithoutHead: { env: merged },
  fork: {
    env: {
      ...mergeRequest,
      CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
      CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'mallory/hello',
      CI_COMMIT_SHA: head,
    },
  },
  externalPullRequest: {
    env: {
      ...always,
      CI_PIPELINE_SOURCE: 'external_pull_request_event',
      CI_COMMIT_SHA: merge,
      CI_COMMIT_REF_NAME: 'feature/login',
      CI_EXTERNAL_PULL_REQUEST_IID: '7',
      CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME: 'feature/login',
      CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA: head,
    },
  },
  afterFailure: { env: { ...push, CI_JOB_STATUS: 'failed' } },
  afterCancel: { env: { ...push, CI_JOB_STATUS: 'canceled' } },
  afterSuccess: { env: { ...push, CI_JOB_STATUS: 'success' } },
} satisfies Record<string, Recorded>;
