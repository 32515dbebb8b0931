import { head, merge, type Recorded } from '../reading.ts';

const eventPath = '/var/run/act/workflow/event.json';

const always = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'mona',
  GITHUB_API_URL: 'https://git.example.com/api/v1',
  GITHUB_SERVER_URL: 'https://git.example.com/',
  GITHUB_REPOSITORY: 'octo/hello',
  GITHUB_RUN_ID: '1829',
  GITHUB_RUN_NUMBER: '36',
  GITHUB_WORKSPACE: '/workspace/octo/hello',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_EVENT_PATH: eventPath,
  GITHUB_SHA: head,
  GITHUB_REF: 'refs/heads/main',
};

export const builds = {
  gitea: { env: { ...always, GITEA_ACTIONS: 'true' } },
  forgejo: { env: { ...always, FORGEJO_ACTIONS: 'true', GITEA_ACTIONS: 'true' } },
  posing: {
    env: { ...always, GITEA_ACTIONS: 'true', GITHUB_API_URL: 'https://api.github.com' },
  },
  pullRequest: {
    env: {
      ...always,
      GITEA_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_SHA: merge,
      GITHUB_REF: 'refs/pull/7/head',
    },
    files: {
      [eventPath]: JSON.stringify({
        pull_request: { head: { sha: head, ref: 'fix', repo: { full_name: 'octo/hello' } } },
      }),
    },
  },
} satisfies Record<string, Recorded>;
