import { head, type Recorded } from '../reading.ts';

const always = {
  CI: 'woodpecker',
  CI_SYSTEM_NAME: 'woodpecker',
  CI_SYSTEM_URL: 'https://ci.example.com',
  CI_SYSTEM_HOST: 'ci.example.com',
  CI_FORGE_TYPE: 'github',
  CI_FORGE_URL: 'https://ghe.example.com',
  CI_REPO: 'octo/hello',
  CI_REPO_URL: 'https://ghe.example.com/octo/hello',
  CI_COMMIT_SHA: head,
  CI_COMMIT_AUTHOR: 'mona',
  CI_PIPELINE_NUMBER: '61',
  CI_PIPELINE_URL: 'https://ci.example.com/repos/3/pipeline/61',
  CI_PIPELINE_CREATED: '1795258800',
  CI_PIPELINE_STATUS: 'success',
  CI_PIPELINE_AUTHOR: 'hubot',
  CI_STEP_URL: 'https://ci.example.com/repos/3/pipeline/61/2',
  CI_WORKSPACE: '/woodpecker/src/ghe.example.com/octo/hello',
  // The compatibility layer for plugins.
  DRONE_BUILD_EVENT: 'deployment',
  DRONE_BUILD_NUMBER: '61',
  DRONE_BUILD_STATUS: 'success',
  DRONE_COMMIT_SHA: head,
  DRONE_REPO: 'octo/hello',
  DRONE_REPO_SCM: 'git',
  DRONE_STEP_NUMBER: '2',
  DRONE_SYSTEM_HOST: 'ci.example.com',
};
const main = { CI_COMMIT_REF: 'refs/heads/main', CI_COMMIT_BRANCH: 'main' };
const deployment = {
  CI_PIPELINE_EVENT: 'deployment',
  CI_PIPELINE_DEPLOY_TARGET: 'production',
  CI_PIPELINE_DEPLOY_TASK: 'deploy',
};

const byHook: Recorded = {
  env: {
    ...always,
    ...main,
    ...deployment,
    CI_PIPELINE_FORGE_URL: 'https://ghe.example.com/api/v3/repos/octo/hello/deployments/87972451',
  },
};
const byCli: Recorded = {
  env: {
    ...always,
    ...main,
    ...deployment,
    CI_PIPELINE_FORGE_URL: `https://ghe.example.com/octo/hello/commit/${head}`,
  },
};

export const builds = {
  byHook,
  byCli,
  byCliOfPullRequest: {
    env: { ...byCli.env, CI_COMMIT_REF: 'refs/pull/7/head', CI_COMMIT_BRANCH: 'main' },
  },
  failed: { env: { ...byHook.env, CI_PIPELINE_STATUS: 'failure' } },
  killed: { env: { ...byHook.env, CI_PIPELINE_STATUS: 'killed' } },
  canceled: { env: { ...byHook.env, CI_PIPELINE_STATUS: 'canceled' } },
  running: { env: { ...byHook.env, CI_PIPELINE_STATUS: 'running' } },
  push: {
    env: { ...byCli.env, CI_PIPELINE_EVENT: 'push', CI_PIPELINE_DEPLOY_TARGET: '' },
  },
  pullRequest: {
    env: {
      ...always,
      CI_FORGE_TYPE: 'forgejo',
      CI_PIPELINE_EVENT: 'pull_request',
      CI_COMMIT_REF: 'refs/pull/7/head',
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_SOURCE_BRANCH: 'feature/login',
      CI_COMMIT_TARGET_BRANCH: 'main',
      CI_COMMIT_PULL_REQUEST: '7',
    },
  },
  tag: {
    env: {
      ...always,
      CI_FORGE_TYPE: 'bitbucket_dc',
      CI_PIPELINE_EVENT: 'tag',
      CI_COMMIT_REF: 'refs/tags/v1',
      CI_COMMIT_TAG: 'v1',
    },
  },
  /** `woodpecker-cli exec`, which sets neither CI nor a number. */
  exec: {
    env: {
      CI_SYSTEM_NAME: 'woodpecker',
      CI_SYSTEM_URL: 'https://laptop.example.com',
      CI_REPO_URL: 'https://codeberg.org/octo/hello',
      CI_PIPELINE_EVENT: 'deployment',
      CI_PIPELINE_NUMBER: '0',
      CI_COMMIT_BRANCH: 'main',
    },
  },
  disguised: { env: { ...byHook.env, DRONE: 'true', DRONE_DEPLOY_TO: 'x', HARNESS_BUILD_ID: '1' } },
} satisfies Record<string, Recorded>;
