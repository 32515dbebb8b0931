import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { type DeployService, startDeployService } from '../../test/support/deploy-service.ts';
import { type FakeGithub, fakeGithub } from '../../test/support/github/fake-github.ts';

export const root = path.join(import.meta.dirname, '../..');
export const commit = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d';
/** By this name a container finds what runs in this process. */
export const hostFlags = ['--add-host', 'host.docker.internal:host-gateway'];
const token = '0123456789abcdef-of-a-caller';

type Json = Record<string, unknown>;
export type Answer = { readonly status: number; readonly body: Json };

/** A service that deploys and a GitHub, on this machine, where containers reach them; and what an operator writes. */
export type Ground = {
  readonly service: DeployService;
  readonly github: FakeGithub;
  /** `slipway.yml` and `secrets/github`, readable by any user. */
  readonly folder: string;
  /** Values of the variables that the examples name. */
  readonly env: Readonly<Record<string, string>>;
  /** The file of an example, in which the services of this machine stand for those of the world. */
  here(slipwayYml: string): string;
  docker(...args: readonly string[]): string;
  /** Removed at the end, whatever became of them. */
  container(name: string): string;
  volume(name: string): string;
  ask(url: string, method: string, at: string, body?: Json, key?: string): Promise<Answer>;
  ready(url: string): Promise<void>;
  until(url: string, id: string, status: string): Promise<Json>;
  /** Throws what the services have to complain about, and what of the secrets has leaked. */
  assertClean(said: string): void;
};

export async function onGround(
  docker: string,
  play: (ground: Ground) => Promise<void>,
): Promise<void> {
  const bridges = [await createBridge(), await createBridge()] as const;
  const service = await startDeployService({
    script: ['QUEUED', 'IN_PROGRESS'],
    publicUrl: bridges[0].url,
  });
  const github = await fakeGithub({ token: 'ghp_hunter2_of_the_server' });
  github.repo('octo/hello', { commits: [{ sha: commit }], branches: { main: commit } });
  bridges[0].to(service.host);
  bridges[1].to(new URL(github.url).host);
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-ground-'));
  const made: (readonly string[])[] = [];
  const call = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(docker, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return (stdout + (args[0] === 'logs' ? stderr : '')).trim();
  };
  const ground: Ground = {
    service,
    github,
    folder,
    env: {
      SLIPWAY_TOKEN: token,
      GITHUB_WEBHOOK_SECRET: 'hunter2-of-the-webhook',
      HELLO_DEPLOY_URL: `${bridges[0].url}/v1/runs`,
      SLIPWAY_PUBLIC_URL: 'https://slipway.example.com',
      POSTGRES_PASSWORD: 'hunter2OfTheDatabase',
    },
    here(text) {
      const file = parseDocument(text);
      file.setIn(['deployments', 0, 'settings', 'github_api_url'], bridges[1].url);
      file.setIn(['deployments', 0, 'settings', 'webhook_interval'], '1');
      return String(file);
    },
    docker: call,
    container(name) {
      made.unshift(['rm', '--force', '--volumes', name]);
      return name;
    },
    volume(name) {
      made.push(['volume', 'rm', '--force', name]);
      return name;
    },
    ask,
    async ready(url) {
      for (let tries = 0; tries < 300; tries += 1) {
        const answer = await ask(url, 'GET', '/readyz').catch(() => undefined);
        if (answer?.status === 200) return;
        await pause(100);
      }
      throw new Error(`${url} is not ready`);
    },
    async until(url, id, status) {
      let seen: Json = {};
      for (let tries = 0; tries < 600 && seen.status !== status; tries += 1) {
        if (tries > 0) await pause(100);
        seen = (await ask(url, 'GET', `/v1/runs/${id}`).catch(() => undefined))?.body ?? seen;
      }
      if (seen.status !== status) throw new Error(`not ${status}: ${JSON.stringify(seen)}`);
      return seen;
    },
    assertClean(said) {
      github.assertClean();
      if (service.complaints.length > 0) throw new Error(service.complaints.join());
      if (/hunter2|0123456789abcdef-of/.test(said)) throw new Error(`a secret is in: ${said}`);
    },
  };
  try {
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'secrets'), { mode: 0o755 });
    writeFileSync(path.join(folder, 'secrets/github'), `${github.token}\n`, { mode: 0o644 });
    await play(ground);
  } finally {
    for (const args of made) spawnSync(docker, args);
    rmSync(folder, { recursive: true });
    await Promise.all([service, github, ...bridges].map((each) => each.close()));
  }
}

export const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

async function ask(
  url: string,
  method: string,
  at: string,
  body?: Json,
  key?: string,
): Promise<Answer> {
  const answer = await fetch(url + at, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(key ? { 'idempotency-key': key } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: answer.status, body: (await answer.json()) as Json };
}

/** Containers reach the host by its other addresses, and the fakes listen on loopback only. */
async function createBridge() {
  let port = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const there = net.connect(port, '127.0.0.1');
    for (const end of [socket, there]) {
      sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        sockets.delete(end);
        socket.destroy();
        there.destroy();
      });
    }
    socket.pipe(there).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return {
    url: `http://host.docker.internal:${(server.address() as AddressInfo).port}`,
    to(host: string): void {
      port = Number(new URL(`http://${host}`).port);
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
