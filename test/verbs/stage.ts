import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/clock.ts';
import { dispatch } from '../../src/verbs/dispatch.ts';
import { type FakeGithub, fakeGithub } from '../support/github/fake-github.ts';

export const repo = 'octo/shop';
export const sha = 'c'.repeat(40);
/** Of another branch. */
export const otherSha = 'd'.repeat(40);

/** A promotion as Drone passes it on. */
export const drone = {
  CI: 'true',
  DRONE: 'true',
  DRONE_SYSTEM_HOST: 'drone.example',
  DRONE_SYSTEM_VERSION: '2.25.0',
  DRONE_BUILD_EVENT: 'promote',
  DRONE_BUILD_NUMBER: '42',
  DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) - 60),
  DRONE_BUILD_LINK: 'https://drone.example/octo/shop/42',
  DRONE_BUILD_STATUS: 'success',
  DRONE_STAGE_NUMBER: '1',
  DRONE_STEP_NUMBER: '2',
  DRONE_DEPLOY_TO: 'production',
  DRONE_DEPLOY_ID: '0',
  DRONE_REPO: repo,
  DRONE_REPO_LINK: `https://github.com/${repo}`,
  DRONE_COMMIT_SHA: sha,
  DRONE_COMMIT_REF: 'refs/heads/main',
} as const;

export type Stage = {
  readonly github: FakeGithub;
  /** PLUGIN_ variables of the token and the API. */
  readonly access: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** One process: what it printed to stdout and to stderr, and its exit code. */
  slipway(
    env: Readonly<Record<string, string>>,
    ...argv: string[]
  ): Promise<{ out: string; err: string; exit: number }>;
};

/** What was asked of it beside reading. */
export const writesTo = ({ requests }: FakeGithub): FakeGithub['requests'] =>
  requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('graphql'));

export async function onStage(
  play: (stage: Stage) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const github = await fakeGithub();
  github.repo(repo, { commits: [{ sha }, { sha: otherSha }], branches: { main: sha } });
  const cwd = mkdtempSync(join(tmpdir(), 'verbs-'));
  const stage: Stage = {
    github,
    cwd,
    access: { PLUGIN_GITHUB_TOKEN: github.token, PLUGIN_GITHUB_API_URL: github.url },
    async slipway(env, ...argv) {
      let out = '';
      let err = '';
      const exit = await dispatch({
        argv,
        env: { PATH: process.env.PATH, ...env },
        cwd,
        clock,
        signal: new AbortController().signal,
        hear: () => {},
        terminal: false,
        write: (bytes) => {
          out += Buffer.from(bytes).toString();
        },
        writeError: (text) => {
          err += text;
        },
      });
      return { out, err, exit };
    },
  };
  try {
    await play(stage);
    github.assertClean();
  } finally {
    await github.close();
    rmSync(cwd, { recursive: true, force: true });
  }
}
