import { base, head, type Recorded } from '../reading.ts';

const always = {
  CI: 'true',
  DRONE: 'true',
  DRONE_SYSTEM_PROTO: 'https',
  DRONE_SYSTEM_HOST: 'drone.example.com',
  DRONE_SYSTEM_HOSTNAME: 'drone.example.com',
  DRONE_SYSTEM_VERSION: '2.25.0',
  DRONE_REPO: 'octo/hello',
  DRONE_REPO_SCM: 'git',
  DRONE_REPO_OWNER: 'octo',
  DRONE_REPO_NAME: 'hello',
  DRONE_REPO_LINK: 'https://github.com/octo/hello',
  DRONE_REPO_BRANCH: 'main',
  DRONE_BUILD_STATUS: 'success',
  DRONE_BUILD_CREATED: '1795258800',
  DRONE_BUILD_STARTED: '1795258803',
  DRONE_COMMIT_AUTHOR: 'mona',
  DRONE_COMMIT: head,
  DRONE_COMMIT_AFTER: head,
  DRONE_COMMIT_BEFORE: base,
  DRONE_COMMIT_SHA: head,
  DRONE_STAGE_NUMBER: '1',
  DRONE_STAGE_STATUS: 'success',
  DRONE_STEP_NUMBER: '3',
  DRONE_WORKSPACE: '/drone/src',
  DRONE_CARD_PATH: '/dev/stdout',
  DRONE_NETRC_MACHINE: 'github.com',
  DRONE_NETRC_USERNAME: 'hunter2',
  DRONE_NETRC_PASSWORD: 'hunter2',
};
const main = {
  DRONE_COMMIT_REF: 'refs/heads/main',
  DRONE_COMMIT_BRANCH: 'main',
  DRONE_BRANCH: 'main',
  DRONE_SOURCE_BRANCH: 'main',
  DRONE_TARGET_BRANCH: 'main',
};
const build = (number: number): Record<string, string> => ({
  DRONE_BUILD_NUMBER: String(number),
  DRONE_BUILD_LINK: `https://drone.example.com/octo/hello/${number}`,
});
const promote = { DRONE_BUILD_EVENT: 'promote', DRONE_DEPLOY_TO: 'production' };

const promoteInUi: Recorded = {
  env: {
    ...always,
    ...main,
    ...build(42),
    ...promote,
    DRONE_BUILD_PARENT: '41',
    DRONE_BUILD_TRIGGER: 'hubot',
    DRONE_DEPLOY_ID: '0',
  },
};

const promoteByHook: Recorded = {
  env: {
    ...always,
    ...build(43),
    ...promote,
    DRONE_REPO_LINK: 'https://ghe.example.com/octo/hello',
    DRONE_BUILD_TRIGGER: '@hook',
    DRONE_DEPLOY_ID: '87972451',
    // The deployment was created with a full sha as its ref; the kube runner passes empty ones on.
    DRONE_COMMIT_REF: '',
    DRONE_COMMIT_BRANCH: '',
    DRONE_BRANCH: '',
    DRONE_SOURCE_BRANCH: '',
    DRONE_TARGET_BRANCH: '',
  },
};

export const builds = {
  promoteInUi,
  promoteByHook,
  promoteByHookOfBranch: { env: { ...promoteByHook.env, ...main } },
  /** A restart keeps event, target and deployment; only the number and the trigger are new. */
  restart: {
    env: {
      ...promoteByHook.env,
      ...build(44),
      DRONE_BUILD_PARENT: '43',
      DRONE_BUILD_TRIGGER: 'hubot',
      DRONE_BUILD_CREATED: '1795262400',
    },
  },
  rollback: {
    env: {
      ...promoteInUi.env,
      ...build(45),
      DRONE_BUILD_EVENT: 'rollback',
      DRONE_STAGE_STATUS: 'failure',
    },
  },
  promoteOfPullRequest: {
    env: {
      ...promoteInUi.env,
      DRONE_COMMIT_REF: 'refs/pull/7/head',
      DRONE_SOURCE_BRANCH: 'feature/login',
    },
  },
  push: {
    env: {
      ...always,
      ...main,
      ...build(40),
      DRONE_BUILD_EVENT: 'push',
      DRONE_BUILD_TRIGGER: '@hook',
      DRONE_DEPLOY_ID: '0',
    },
  },
  cron: {
    env: {
      ...always,
      ...main,
      ...build(46),
      DRONE_BUILD_EVENT: 'cron',
      DRONE_BUILD_TRIGGER: '@cron',
      DRONE_DEPLOY_ID: '0',
    },
  },
  pullRequest: {
    env: {
      ...always,
      ...build(39),
      DRONE_BUILD_EVENT: 'pull_request',
      DRONE_BUILD_TRIGGER: '@hook',
      DRONE_DEPLOY_ID: '0',
      DRONE_PULL_REQUEST: '7',
      DRONE_COMMIT_REF: 'refs/pull/7/head',
      DRONE_COMMIT_BRANCH: 'main',
      DRONE_BRANCH: 'main',
      DRONE_TARGET_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'feature/login',
    },
  },
  tag: {
    env: {
      ...always,
      ...build(47),
      DRONE_BUILD_EVENT: 'tag',
      DRONE_BUILD_TRIGGER: '@hook',
      DRONE_DEPLOY_ID: '0',
      DRONE_TAG: 'v1',
      DRONE_COMMIT_REF: 'refs/tags/v1',
      DRONE_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'main',
    },
  },
  /** `drone exec` on a laptop. */
  exec: {
    env: {
      CI: 'true',
      DRONE: 'true',
      DRONE_BUILD_EVENT: 'promote',
      DRONE_BUILD_NUMBER: '0',
      DRONE_BUILD_STATUS: 'success',
      DRONE_DEPLOY_ID: '0',
      DRONE_DEPLOY_TO: 'staging',
    },
  },
  /** Whoever promotes tries to pass for another system, to have more sources read or another commit shown. */
  disguised: {
    env: {
      ...promoteInUi.env,
      CI_COMMIT_SHA: base,
      CI_SYSTEM_NAME: 'woodpecker',
      HARNESS_BUILD_ID: '1',
      SPINNAKER_EXECUTION_ID: '01H',
      SPINNAKER_PARAM_TARGET: 'command',
      GITEA_ACTIONS: 'true',
      GITHUB_ACTIONS: 'true',
      GITLAB_CI: 'true',
      TRAVIS: 'true',
    },
  },
} satisfies Record<string, Recorded>;
