/**
 * `npm run demo`: a promote from its first variable to its last status. The bundle is the real one, Drone's variables
 * are a recording, GitHub and what is deployed to are on loopback. Fails if anything is not as promised. By a script;
 * `npm run demo -- divio` by Divio.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builds } from '../test/context/recorded/drone.ts';
import { encodeDrone } from '../test/support/encoders.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';
import { command } from './demo/command.ts';
import { divio } from './demo/divio.ts';
import type { Stage } from './demo/scene.ts';

const root = path.join(import.meta.dirname, '..');
const token = 'ghp_a_token_that_no_log_may_show';
const colour = process.env.FORCE_COLOR || (process.stdout.isTTY && !process.env.NO_COLOR);
const paint = (code: number, text: string): string =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;
const say = (text = ''): void => console.log(text);
const title = (text: string): void => say(`\n${paint(1, text)}`);

const stages: Readonly<Record<string, Stage>> = { command, divio };
const stage = stages[process.argv[2] ?? 'command'];
if (!stage) throw new Error(`there are demos of ${Object.keys(stages).join(', ')}`);

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-demo-'));
const github = await fakeGithub({ token, validate: false });

/** What GitHub's hook told Drone, and Drone tells the step. */
const recorded: Readonly<Record<string, string>> = builds.promoteByHookOfBranch.env;
const { DRONE_REPO: repo = '', DRONE_COMMIT_SHA: sha = '' } = recorded;
github.repo(repo, { commits: [{ sha }] });
const deployment = github.addDeployment({
  ...{ ref: 'main', environment: 'production', creator: 'mona' },
  at: Date.now() - 5000,
});
const drone = {
  ...recorded,
  DRONE_DEPLOY_ID: String(deployment.id),
  DRONE_REPO_LINK: `https://github.com/${repo}`,
  DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) - 3),
};

const scene = await stage(sha, folder);
const settings = `${scene.settings}final_status: slipway
github_api_url: ${github.url}
github_token:
  from_secret: github_token
`;
const variables = encodeDrone(settings, { github_token: token, ...scene.secrets });

title('The step, as its author writes it');
say(paint(2, '  - name: deploy\n    image: slipway\n    settings:'));
say(paint(36, settings.trimEnd().replace(/^/gm, '      ')));

title(`Mona deploys ${repo} to ${deployment.environment}; the step's log`);
const { log, code } = await runStep({ ...drone, ...variables });
const seen = await scene.look();
const statuses = github.statusesOf(deployment.id).toReversed();

title(seen.title);
for (const line of seen.lines) say(`  ${line}`);

title(`Deployment ${deployment.id} on GitHub`);
for (const { createdAt, state, description, logUrl, environmentUrl } of statuses) {
  const time = new Date(createdAt).toISOString().slice(11, 19);
  say(`  ${time}  ${paint(codeOf(state), state.padEnd(12))} ${description}`);
  for (const link of [logUrl, environmentUrl]) if (link) say(paint(2, `${' '.repeat(25)}${link}`));
}

const link = `${recorded.DRONE_BUILD_LINK}/${recorded.DRONE_STAGE_NUMBER}/${recorded.DRONE_STEP_NUMBER}`;
const last = statuses.at(-1);
const promises: Readonly<Record<string, boolean>> = {
  'the step exits with 0': code === 0,
  ...scene.deployed(),
  'queued, in_progress and one success': states() === 'queued in_progress success',
  "every status links to the step's log": statuses.every(({ logUrl }) => logUrl.startsWith(link)),
  'the last one links to the site': last?.environmentUrl.replace(/\/$/, '') === scene.url,
  ...scene.told(last),
  'no second deployment was made': github.deployments.length === 1,
  'the token is in no log and no status': ![token, ...Object.values(scene.secrets)].some((each) =>
    `${log}${JSON.stringify(statuses)}`.includes(each),
  ),
};
title('What was promised');
for (const [promise, kept] of Object.entries(promises)) {
  say(`  ${kept ? paint(32, 'yes') : paint(31, 'NO ')}  ${promise}`);
}

await Promise.all([github.close(), scene.close()]);
rmSync(folder, { recursive: true });
process.exitCode = Object.values(promises).every(Boolean) ? 0 : 1;

/** Runs the bundle with these variables and none of this process's own but PATH. */
function runStep(env: Record<string, string>): Promise<{ log: string; code: number | null }> {
  const bundle = path.join(root, 'dist/slipway.mjs');
  if (!existsSync(bundle)) throw new Error('dist/slipway.mjs is not there: run npm run build');
  const child = spawn(process.execPath, [bundle], {
    ...{ cwd: root, stdio: ['ignore', 'pipe', 'inherit'] as const },
    env: { PATH: process.env.PATH, ...(colour ? { FORCE_COLOR: '1' } : {}), ...env },
  });
  let log = '';
  let atStart = true;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
    const bar = paint(2, '  │ ');
    const marked = chunk.replace(/\n(?!$)/g, `\n${bar}`);
    process.stdout.write(atStart ? bar + marked : marked);
    atStart = chunk.endsWith('\n');
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ log, code: status })));
}

function states(): string {
  return statuses.map(({ state }) => state).join(' ');
}

function codeOf(state: string): number {
  return { success: 32, failure: 31, error: 31 }[state] ?? 33;
}
