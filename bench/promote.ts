import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { builds } from '../test/context/recorded/drone.ts';
import { encodeDrone } from '../test/support/encoders.ts';
import { fakeGithub } from '../test/support/github/fake-github.ts';
import { type Exchanged, recorder } from './replay.ts';

const root = path.join(import.meta.dirname, '..');
const bundle = path.join(root, 'dist/slipway.mjs');
const token = 'ghp_bench';

/** A promote of Drone that adopts GitHub's deployment and runs `true`: recorded once, replayed for each round. */
export async function promote(folder: string) {
  const github = await fakeGithub({ token, validate: false });
  const recorded: Readonly<Record<string, string>> = builds.promoteByHookOfBranch.env;
  const { DRONE_REPO: repo = '', DRONE_COMMIT_SHA: sha = '' } = recorded;
  github.repo(repo, { commits: [{ sha }] });
  const deployment = github.addDeployment({
    ...{ ref: 'main', environment: 'production', creator: 'mona' },
    at: Date.now() - 60_000,
  });
  const front = await recorder(github.url);
  const env = (url: string): Record<string, string> => ({
    ...recorded,
    DRONE_DEPLOY_ID: String(deployment.id),
    DRONE_REPO_LINK: `https://github.com/${repo}`,
    DRONE_BUILD_CREATED: String(Math.floor(Date.now() / 1000) - 3),
    ...encodeDrone(
      `command: "true"\nfinal_status: slipway\ngithub_api_url: ${url}\ngithub_token:\n  from_secret: t\n`,
      { t: token },
    ),
  });
  const run = spawn(process.execPath, [bundle], {
    env: { PATH: process.env.PATH, ...env(front.url) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  run.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const [status] = await once(run, 'close');
  front.close();
  await github.close();
  if (status !== 0) throw new Error(`the recorded run exited with ${status}: ${said}`);

  const file = path.join(folder, 'exchanges.json');
  writeFileSync(file, JSON.stringify(front.exchanges));
  const server = spawn(process.execPath, [path.join(root, 'bench/replay.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(server.stdout, 'data');
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return { exchanges: front.exchanges, env: env(url), url, close: () => server.kill() };
}

/** The same exchanges with what Node brings, in one file that does nothing else. */
export function bare(exchanges: readonly Exchanged[], url: string, load: string): string {
  const calls = exchanges.map(({ method, path: at, headers, body }) => ({
    method,
    at,
    headers,
    body,
  }));
  return `${load}
const agent = new http.Agent({ keepAlive: true });
const call = ({ method, at, headers, body }) => new Promise((resolve, reject) => {
  const request = http.request(${JSON.stringify(url)} + at, { method, headers, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
    response.on('end', () => resolve({ status: response.statusCode, answer: JSON.parse(text || 'null') }));
  });
  request.on('error', reject).end(body || undefined);
});
for (const one of ${JSON.stringify(calls)}) {
  const { status } = await call(one);
  if (status > 399) throw new Error(one.method + ' ' + one.at + ' answered ' + status);
}
agent.destroy();
`;
}
