import { head, merge, type Recorded } from '../reading.ts';

const always = {
  JENKINS_URL: 'https://jenkins.example.com/',
  JOB_NAME: 'octo/hello/main',
  BUILD_NUMBER: '17',
  BUILD_URL: 'https://jenkins.example.com/job/octo/job/hello/job/main/17/',
  WORKSPACE: '/var/jenkins_home/workspace/octo_hello_main',
};
const https = { GIT_URL: 'https://octo:hunter2@github.com/octo/hello.git' };
const change = {
  ...always,
  ...https,
  GIT_COMMIT: merge,
  GIT_BRANCH: 'PR-7',
  BRANCH_NAME: 'PR-7',
  CHANGE_ID: '7',
  CHANGE_AUTHOR: 'mona',
  CHANGE_BRANCH: 'feature/login',
  CHANGE_TARGET: 'main',
  CHANGE_URL: 'https://github.com/octo/hello/pull/7',
};

export const builds = {
  multibranch: {
    env: {
      ...always,
      ...https,
      GIT_COMMIT: head,
      GIT_BRANCH: 'main',
      BRANCH_NAME: 'main',
      RUN_DISPLAY_URL:
        'https://jenkins.example.com/job/octo/job/hello/job/main/17/display/redirect',
      BUILD_USER_ID: 'hubot',
    },
  },
  freestyle: {
    env: {
      ...always,
      GIT_URL: 'git@github.com:octo/hello.git',
      GIT_COMMIT: head,
      GIT_BRANCH: 'origin/feature/login',
    },
  },
  detached: {
    env: {
      ...always,
      GIT_URL: 'ssh://git@git.example.com:7999/octo/hello.git',
      GIT_COMMIT: head,
      GIT_BRANCH: 'detached',
    },
  },
  scripted: { env: { ...always, BRANCH_NAME: 'main' }, head },
  tag: { env: { ...always, ...https, GIT_COMMIT: head, BRANCH_NAME: 'v1', TAG_NAME: 'v1' } },
  change: { env: change, head: merge },
  changeAtHead: { env: { ...change, BRANCH_NAME: 'PR-7-head', GIT_COMMIT: head } },
  changeAtMerge: { env: { ...change, BRANCH_NAME: 'PR-7-merge' } },
  changeOfFork: {
    env: { ...change, BRANCH_NAME: 'PR-7-head', GIT_COMMIT: head, CHANGE_FORK: 'mallory' },
  },
  ghprb: {
    env: {
      ...always,
      ...https,
      GIT_COMMIT: merge,
      GIT_BRANCH: 'origin/pr/7/merge',
      ghprbPullId: '7',
      ghprbActualCommit: head,
      ghprbSourceBranch: 'feature/login',
    },
  },
  gitlabMergeRequest: {
    env: {
      ...always,
      GIT_URL: 'https://gitlab.com/octo/hello.git',
      GIT_COMMIT: merge,
      GIT_BRANCH: 'origin/feature/login',
      gitlabMergeRequestIid: '7',
      gitlabMergeRequestLastCommit: head,
    },
  },
} satisfies Record<string, Recorded>;
