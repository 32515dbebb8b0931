import { base, head, merge, type Recorded } from '../reading.ts';

export const eventPath = '/github/workflow/event.json';

const always = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'mona',
  GITHUB_TRIGGERING_ACTOR: 'hubot',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octo/hello',
  GITHUB_RUN_ID: '19546203157',
  GITHUB_RUN_NUMBER: '88',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_WORKSPACE: '/github/workspace',
  GITHUB_EVENT_PATH: eventPath,
};
const main = {
  GITHUB_SHA: head,
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_REF_TYPE: 'branch',
};

const build = (env: Record<string, string>, event: unknown): Recorded => ({
  env: { ...always, ...env },
  files: { [eventPath]: typeof event === 'string' ? event : JSON.stringify(event) },
});

const deployment = (ref: string): object => ({
  action: 'created',
  deployment: {
    id: 3127856324,
    sha: head,
    ref,
    task: 'deploy:migrations',
    environment: 'production',
    payload: {},
  },
  repository: { full_name: 'octo/hello' },
});
const pullRequest = (repo: object | null): object => ({
  action: 'synchronize',
  number: 7,
  pull_request: {
    number: 7,
    merge_commit_sha: merge,
    head: { sha: head, ref: 'feature/login', repo },
    base: { sha: base, ref: 'main', repo: { full_name: 'octo/hello' } },
  },
});
const merged = {
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_SHA: merge,
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_REF_NAME: '7/merge',
  GITHUB_HEAD_REF: 'feature/login',
  GITHUB_BASE_REF: 'main',
};
const own = { full_name: 'Octo/hello' };

export const builds = {
  deploymentOfSha: build(
    { GITHUB_EVENT_NAME: 'deployment', GITHUB_SHA: head, GITHUB_REF: '' },
    deployment(head),
  ),
  deploymentOfBranch: build({ ...main, GITHUB_EVENT_NAME: 'deployment' }, deployment('main')),
  deploymentBroken: build({ ...main, GITHUB_EVENT_NAME: 'deployment' }, '{"deployment": {"id": 31'),
  deploymentOddly: build({ ...main, GITHUB_EVENT_NAME: 'deployment' }, { deployment: ['x'] }),
  deploymentNull: build({ ...main, GITHUB_EVENT_NAME: 'deployment' }, { deployment: null }),
  deploymentMistyped: build(
    { ...main, GITHUB_EVENT_NAME: 'deployment' },
    { deployment: { id: {}, sha: true, ref: null, environment: '', task: ['deploy'] } },
  ),
  deploymentUnread: { env: { ...always, ...main, GITHUB_EVENT_NAME: 'deployment' } },
  deploymentStatus: build(
    { ...main, GITHUB_EVENT_NAME: 'deployment_status' },
    { ...deployment('main'), deployment_status: { state: 'success' } },
  ),
  workflowDispatch: build(
    { ...main, GITHUB_EVENT_NAME: 'workflow_dispatch' },
    { inputs: { environment: 'production' }, ref: 'refs/heads/main' },
  ),
  push: build({ ...main, GITHUB_EVENT_NAME: 'push' }, { ref: 'refs/heads/main', after: head }),
  tag: build(
    {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_SHA: head,
      GITHUB_REF: 'refs/tags/v1',
      GITHUB_REF_NAME: 'v1',
      GITHUB_REF_TYPE: 'tag',
    },
    { ref: 'refs/tags/v1' },
  ),
  pullRequest: build(merged, pullRequest(own)),
  pullRequestOfFork: build(merged, pullRequest({ full_name: 'mallory/hello' })),
  pullRequestOfLostFork: build(merged, pullRequest(null)),
  pullRequestBroken: build(merged, '<html>'),
  pullRequestTarget: build(
    { ...merged, GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_SHA: base },
    pullRequest(own),
  ),
  pullRequestReview: build(
    { ...merged, GITHUB_EVENT_NAME: 'pull_request_review' },
    pullRequest(own),
  ),
  enterprise: build(
    {
      ...main,
      GITHUB_EVENT_NAME: 'push',
      // Older releases know one actor only.
      GITHUB_TRIGGERING_ACTOR: '',
      GITHUB_SERVER_URL: 'https://ghe.example.com:8443',
      GITHUB_API_URL: 'https://ghe.example.com:8443/api/v3',
    },
    {},
  ),
} satisfies Record<string, Recorded>;
