import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Postgres = {
  /** A database of its own; the URL to it. */
  database(): string;
  /** Runs statements as the superuser; rows are lines, columns are parted by `|`. */
  sql(url: string, text: string): string;
  /** As the machine's power cut would: without a word to anybody. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, and leaves nothing of it behind. */
  end(): Promise<void>;
};

type Options = {
  /** It speaks TLS with this one. */
  readonly certificate?: { readonly key: string; readonly cert: string };
};

const programs = '/usr/lib/postgresql';
const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses root; Debian's package brings a user for it. And it ends with a test that breaks off. */
function asUser(file: string, args: readonly string[]): [string, string[]] {
  const user = isRoot ? ['--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  return ['setpriv', [...user, '--pdeathsig=QUIT', file, ...args]];
}

function program(name: string): string {
  const newest = existsSync(programs)
    ? readdirSync(programs).sort((a, b) => Number(b) - Number(a))[0]
    : undefined;
  return newest ? path.join(programs, newest, 'bin', name) : name;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A cluster of its own on loopback, from Debian's packages. */
export async function startPostgres({ certificate }: Options = {}): Promise<Postgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-postgres-'));
  if (isRoot) execFileSync('chown', ['postgres:postgres', folder]);
  chmodSync(folder, 0o700);
  const data = path.join(folder, 'data');
  const port = await freePort();
  const run = (name: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(...asUser(program(name), args), {
      encoding: 'utf8',
      cwd: folder,
    });
    if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  };
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  /** A file that the server's user may read, and nobody else. */
  const keep = (name: string, text: string): string => {
    const file = path.join(data, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (isRoot) execFileSync('chown', ['postgres:postgres', file]);
    return file;
  };
  const settings = certificate
    ? [
        'ssl=on',
        `ssl_key_file=${keep('server.key', certificate.key)}`,
        `ssl_cert_file=${keep('server.crt', certificate.cert)}`,
      ]
    : [];
  const flags = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  let server: ReturnType<typeof spawn> | undefined;
  let databases = 0;
  const at = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  const sql = (url: string, text: string): string =>
    execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', text], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const answers = (): boolean =>
    spawnSync('psql', ['-XAtq', '-d', at('postgres'), '-c', 'SELECT 1'], { stdio: 'ignore' })
      .status === 0;

  async function start(): Promise<void> {
    const args = ['-D', data, ...[...flags, ...settings].flatMap((line) => ['-c', line])];
    const child = spawn(...asUser(program('postgres'), args), { stdio: 'ignore', cwd: folder });
    child.unref();
    server = child;
    while (!answers()) {
      if (child.exitCode !== null) throw new Error(`postgres exited with ${child.exitCode}`);
      await pause(25);
    }
  }

  /** SIGQUIT is PostgreSQL's immediate shutdown: all its processes end, and the next start recovers. */
  async function kill(): Promise<void> {
    const child = server;
    server = undefined;
    if (!child || child.exitCode !== null) return;
    child.ref();
    child.kill('SIGQUIT');
    await once(child, 'exit');
  }

  await start();
  return {
    database() {
      databases += 1;
      sql(at('postgres'), `CREATE DATABASE test_${databases}`);
      return at(`test_${databases}`);
    },
    sql,
    kill,
    start,
    async end() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
