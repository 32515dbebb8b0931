import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type DeployService, type Manners, startDeployService } from '../support/deploy-service.ts';

const bundle = path.join(import.meta.dirname, '../../dist/slipway.mjs');
export const token = '0123456789abcdef-of-a-caller';
const deployToken = 'hunter2-of-the-service';
export const commit = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d';

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

/** One server as an operator runs it: the bundle, a file, a folder; it can be killed and started again. */
export type Stage = {
  readonly service: DeployService;
  readonly url: string;
  /** Where it was started; its data_dir is `data` in it. */
  readonly folder: string;
  /** Of a caller who may everything but admin. */
  readonly token: string;
  start(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  log(): string;
  /** Another process of the same program, beside the server: with its variables, and its folder. */
  slipway(...argv: readonly string[]): { readonly exit: number | null; readonly said: string };
  /** Asks until somebody answers, as a front does that waits for the server. */
  ask(
    method: string,
    at: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** The run once its status is one of these. */
  until(id: string, ...statuses: readonly string[]): Promise<Record<string, unknown>>;
};

const fileOf = (url: string): string => `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: by-webhook
    repository: octo/hello
    environment: production
    target: webhook
    settings: { report: none, webhook_interval: "1" }
    secrets: { webhook_url: { env: DEPLOY_URL }, webhook_token: { env: DEPLOY_TOKEN } }
  - name: by-command
    repository: octo/hello
    environment: staging
    target: command
    settings:
      report: none
      command: echo at work; sleep 60
# ${url}
`;

export async function onStage(
  play: (stage: Stage) => Promise<void>,
  manners: Manners = {},
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-serve-'));
  const service = await startDeployService({ token: deployToken, ...manners });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(path.join(folder, 'slipway.yml'), fileOf(url));
  const env = {
    PATH: process.env.PATH,
    ...{ CI_TOKEN: token, DEPLOY_URL: service.url, DEPLOY_TOKEN: deployToken },
    ...{ SLIPWAY_PUBLIC_URL: url, SLIPWAY_DATA_DIR: path.join(folder, 'data') },
  };
  let log = '';
  let child: ReturnType<typeof spawn> | undefined;
  const stage: Stage = {
    service,
    url,
    ...{ folder, token },
    log: () => log,
    slipway(...argv) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...argv], {
        ...{ cwd: folder, env, encoding: 'utf8', timeout: 30_000 },
      });
      return { exit: status, said: stdout + stderr };
    },
    async start() {
      child = spawn(process.execPath, [bundle, 'serve', '--listen', `127.0.0.1:${port}`], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          log += text;
        });
      }
      while ((await stage.ask('GET', '/readyz')).status !== 200) await pause(20);
    },
    kill(signal) {
      const process = child;
      const ended = new Promise<number | null>((resolve) => process?.once('close', resolve));
      process?.kill(signal);
      return ended;
    },
    async ask(method, at, body, headers = {}) {
      for (let tries = 0; ; tries += 1) {
        try {
          const answer = await fetch(url + at, {
            method,
            headers: { authorization: `Bearer ${token}`, ...headers },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          return { status: answer.status, body: (await answer.json()) as Answer['body'] };
        } catch (error) {
          if (tries === 300) throw new Error(`nobody answers at ${at}: ${error}\n${log}`);
          await pause(50);
        }
      }
    },
    async until(id, ...statuses) {
      for (let tries = 0; tries < 400; tries += 1) {
        const { body } = await stage.ask('GET', `/v1/runs/${id}`);
        if (statuses.includes(String(body.status))) return body;
        await pause(50);
      }
      throw new Error(`run ${id} never was ${statuses}: ${log}`);
    },
  };
  try {
    await play(stage);
  } finally {
    await stage.kill('SIGKILL');
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
