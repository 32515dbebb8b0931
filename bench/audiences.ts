import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fakeBitbucketDc } from '../test/support/bitbucket-dc/bitbucket-dc.ts';
import { fakeGiteaStatuses } from '../test/support/gitea/gitea-statuses.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';
import { fakeGitlabStatuses } from '../test/support/gitlab/gitlab-statuses.ts';
import { serve } from '../test/support/loopback.ts';
import { deploys, fakeSlack } from '../test/support/slack/fake-slack.ts';
import { median } from './measure.ts';

const goalMs = 100;
const latencyMs = 20;
const repo = 'octo/hello';
const sha = 'c'.repeat(40);
const token = 'token-of-the-bench-1';
type Env = Readonly<Record<string, string>>;

async function timeOf(bundle: string, env: Env): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [bundle], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      said += bytes;
    });
  }
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`a run exited with ${status}:\n${said}`);
  return performance.now() - began;
}

/** What more audiences cost a run that GitHub hears of; tells whether the goal holds. */
export async function audiences(bundle: string, rounds: number): Promise<boolean> {
  const setup = { commits: [{ sha }], branches: { main: sha } };
  const common = { repo, token, setup, latencyMs, now: Date.now };
  const github = await fakeGithub({ token, latencyMs });
  github.repo(repo, setup);
  const gitlab = await fakeGitlabStatuses(common);
  const gitea = await fakeGiteaStatuses(common);
  const dc = await fakeBitbucketDc(common);
  const slack = await fakeSlack();
  const silent = await serve(() => {});
  const alone: Env = {
    ...{ PLUGIN_COMMAND: 'true', PLUGIN_ENVIRONMENT: 'live', PLUGIN_REPO: repo },
    ...{ PLUGIN_COMMIT: sha, PLUGIN_REF: 'main', PLUGIN_GITHUB_TOKEN: token },
    ...{ PLUGIN_GITHUB_API_URL: github.url, PLUGIN_REPORT: 'github-deployment' },
  };
  const giteaOnly = { PLUGIN_GITEA_TOKEN: token, PLUGIN_GITEA_URL: gitea.url };
  const all: Env = {
    ...{ ...alone, ...giteaOnly, PLUGIN_GITLAB_TOKEN: token, PLUGIN_GITLAB_URL: gitlab.url },
    ...{ PLUGIN_BITBUCKET_DC_TOKEN: token, PLUGIN_BITBUCKET_DC_URL: dc.url },
    ...{ PLUGIN_SLACK_TOKEN: slack.token, PLUGIN_SLACK_CHANNEL: deploys.id },
    PLUGIN_SLACK_API_URL: `${slack.url}/api`,
    PLUGIN_REPORT: 'github-deployment,github-status,gitlab,bitbucket-dc,gitea,slack',
  };
  const hung: Env = {
    ...{ ...alone, ...giteaOnly, PLUGIN_GITEA_URL: silent.url, PLUGIN_HTTP_TIMEOUT: '5s' },
    ...{ PLUGIN_REPORT: 'github-deployment,gitea', PLUGIN_REQUIRE_STATUS: 'false' },
  };
  const rows: { readonly one: number; readonly many: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const key = { PLUGIN_RUN_KEY: `round-${round}` };
    const one = await timeOf(bundle, { ...alone, ...key, PLUGIN_ENVIRONMENT: 'alone' });
    rows.push({ one, many: await timeOf(bundle, { ...all, ...key }) });
  }
  const hanging = await timeOf(bundle, { ...hung, PLUGIN_ENVIRONMENT: 'hung' });
  const over = median(rows.map(({ one, many }) => many - one));
  console.log(`\nAudiences: a run that tells six, forges that answer in ${latencyMs} ms`);
  console.table([
    {
      ...{ 'one ms': Math.round(median(rows.map(({ one }) => one))) },
      ...{ 'six ms': Math.round(median(rows.map(({ many }) => many))) },
      ...{ 'over ms': Math.round(over), '≤': goalMs, holds: over <= goalMs ? 'yes' : 'NO' },
      'one that hangs (http_timeout 5 s), ms': Math.round(hanging),
    },
  ]);
  for (const server of [github, gitlab, gitea, dc, slack, silent]) await server.close();
  return over <= goalMs;
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  process.exitCode = (await audiences(bundle, Number(process.argv[2] ?? 7))) ? 0 : 1;
}
