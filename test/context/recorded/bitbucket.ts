import { head, type Recorded } from '../reading.ts';

const always = {
  CI: 'true',
  BITBUCKET_BUILD_NUMBER: '33',
  BITBUCKET_CLONE_DIR: '/opt/atlassian/pipelines/agent/build',
  BITBUCKET_COMMIT: head,
  BITBUCKET_REPO_FULL_NAME: 'octo/hello',
  BITBUCKET_STEP_UUID: '{3b1c}',
  BITBUCKET_STEP_TRIGGERER_UUID: '{d301aafa}',
};

export const builds = {
  push: { env: { ...always, BITBUCKET_BRANCH: 'main' } },
  deployment: {
    env: {
      ...always,
      BITBUCKET_BRANCH: 'main',
      BITBUCKET_DEPLOYMENT_ENVIRONMENT: 'production',
      BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID: '{9a}',
    },
  },
  tag: { env: { ...always, BITBUCKET_TAG: 'v1' } },
  pullRequest: {
    env: {
      ...always,
      BITBUCKET_BRANCH: 'feature/login',
      BITBUCKET_PR_ID: '7',
      BITBUCKET_PR_DESTINATION_BRANCH: 'main',
    },
  },
  afterFailure: { env: { ...always, BITBUCKET_BRANCH: 'main', BITBUCKET_EXIT_CODE: '2' } },
  afterSuccess: { env: { ...always, BITBUCKET_BRANCH: 'main', BITBUCKET_EXIT_CODE: '0' } },
} satisfies Record<string, Recorded>;
