import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const bundle = path.join(import.meta.dirname, '../../dist/slipway.mjs');
export const token = '0123456789abcdef-of-a-caller';
export const deployToken = 'hunter2-of-the-service';

export type ServerSetting = {
  /** Its own: slipway.yml and, where nothing else is said, the embedded store. */
  readonly folder: string;
  /** slipway.yml. */
  readonly text: string;
  /** Of the service that deploys. */
  readonly service: string;
  /** What callers are told; its own address where nothing is said. */
  readonly publicUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs the server, with its arguments. */
  readonly within?: readonly string[];
};

/** One process of `slipway serve` as an operator runs it: the bundle, a file, a folder; killed and started again. */
export type Server = {
  readonly url: string;
  /** Where it was started; its data_dir is `data` in it. */
  readonly folder: string;
  /** Another process of the same program, beside the server: with its variables, and in its folder. */
  beside(...argv: readonly string[]): { readonly exit: number | null; readonly said: string };
  /** Resolves when it listens; `until` asks for more. */
  start(until?: '/healthz' | '/readyz'): Promise<void>;
  /** Resolves to the exit code when it is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Stops or continues it, and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  pid(): number;
  log(): string;
};

export async function openServer({
  folder,
  text,
  service,
  publicUrl,
  env = {},
  within = [],
}: ServerSetting): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(path.join(folder, 'slipway.yml'), text);
  const variables = {
    PATH: process.env.PATH,
    ...{ CI_TOKEN: token, DEPLOY_URL: service, DEPLOY_TOKEN: deployToken },
    ...{ SLIPWAY_PUBLIC_URL: publicUrl ?? url, SLIPWAY_DATA_DIR: path.join(folder, 'data') },
    ...env,
  };
  let log = '';
  let child: ChildProcess | undefined;
  const server: Server = {
    ...{ url, folder },
    log: () => log,
    beside(...argv) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...argv], {
        ...{ cwd: folder, env: variables, encoding: 'utf8', timeout: 30_000 },
      });
      return { exit: status, said: stdout + stderr };
    },
    pid: () => child?.pid ?? 0,
    async start(until = '/readyz') {
      const [file = '', ...args] = [...within, process.execPath, bundle, 'serve'];
      const started = spawn(file, [...args, '--listen', `127.0.0.1:${port}`], {
        cwd: folder,
        env: variables,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream.setEncoding('utf8').on('data', (piece: string) => {
          log += piece;
        });
      }
      while (!(await isOk(url + until))) {
        if (started.exitCode !== null) throw new Error(`the server ended: ${log.slice(-2000)}`);
        // Somebody kills it while it starts.
        if (started.signalCode !== null) return;
        await pause(20);
      }
    },
    async kill(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return null;
      const ended = once(child, 'close');
      child.kill(signal);
      return (await ended)[0];
    },
    signal: (signal) => void child?.kill(signal),
  };
  return server;
}

const isOk = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

/** Below those that the kernel gives to whoever connects: a server that is down for a moment finds its own again. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const listens = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!listens) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
