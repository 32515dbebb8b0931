import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, teller } from './measure.ts';

type Tree = { readonly files: number; readonly bytes: number; readonly times?: number };

const timed = { files: 5000, bytes: 4096, latencyMs: 20, atOnce: 6 };
const trees: Readonly<Record<string, Tree>> = {
  '5,000 files of 4 KiB': timed,
  '100,000 files of 1 KiB': { files: 100_000, bytes: 1024 },
  'one file of 5 GiB': { files: 1, bytes: 1024 * 1024, times: 5 * 1024 },
};
const limits = { toBound: 1.3, peakMiB: 150 };
const token = 'a-token-of-the-bench';

type Place = { readonly url: string; readonly authUrl: string };

/** Whole runs with `checkout: diversion`; tells whether they are as fast as six files at once can be, and as small. */
export async function checkOutDiversion(bundle: string, rounds: number): Promise<boolean> {
  const isFast = await isSoon(bundle, rounds);
  const peaks: { readonly tree: string; readonly peakMiB: number }[] = [];
  for (const [name, tree] of Object.entries(trees)) {
    peaks.push({
      tree: name,
      peakMiB: await served(tree, 0, (place) => peakOf(bundle, tree, place)),
    });
  }
  const isSmall = ({ peakMiB }: { readonly peakMiB: number }): boolean => peakMiB <= limits.peakMiB;
  console.log('\nThe memory of such a run, by what is in the tree; no answer is late');
  console.table(
    peaks.map((peak) => ({
      tree: peak.tree,
      ...{ 'peak MiB': Math.round(peak.peakMiB), '≤ MiB': limits.peakMiB },
      holds: isSmall(peak) ? 'yes' : 'NO',
    })),
  );
  return isFast && peaks.every(isSmall);
}

async function isSoon(bundle: string, rounds: number): Promise<boolean> {
  const { files, bytes, latencyMs, atOnce } = timed;
  const perMs = await loopbackSpeed();
  const boundMs = (files * latencyMs) / atOnce + (files * bytes) / perMs;
  const times = await served(timed, latencyMs, async (place) => {
    const all: number[] = [];
    for (let round = 0; round < rounds; round += 1) all.push((await run(bundle, timed, place)).ms);
    return all;
  });
  const ms = median(times);
  const holds = ms <= limits.toBound * boundMs;
  console.log(
    `\nCheckout of ${files} files from Diversion, each answer ${latencyMs} ms late: a whole run, to the least that ${atOnce} at once can take`,
  );
  console.table([
    {
      ...{
        'median s': Number((ms / 1000).toFixed(1)),
        'bound s': Number((boundMs / 1000).toFixed(1)),
      },
      ...{ ratio: Number((ms / boundMs).toFixed(2)), '≤': limits.toBound },
      holds: holds ? 'yes' : 'NO',
    },
  ]);
  return holds;
}

/** With a Diversion of its own process, which has this tree. */
async function served<T>(
  { files, bytes, times = 1 }: Tree,
  latencyMs: number,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  const server = fork(
    path.join(import.meta.dirname, 'diversion-server.ts'),
    [token, files, bytes, times, latencyMs].map(String),
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const [line] = await once(server.stdout ?? server, 'data');
  const place: Place = JSON.parse(String(line));
  return use(place).finally(() => server.disconnect());
}

const peakOf = async (bundle: string, tree: Tree, place: Place): Promise<number> =>
  (await run(bundle, tree, place, true)).peakMiB;

/** Bytes a millisecond of one large body. */
async function loopbackSpeed(): Promise<number> {
  const body = Buffer.alloc(64 * 1024 * 1024);
  const server = http.createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const start = performance.now();
  const [response] = await once(http.get({ host: '127.0.0.1', port }), 'response');
  for await (const _ of response);
  const ms = performance.now() - start;
  server.close();
  return body.length / ms;
}

async function run(bundle: string, { files }: Tree, { url, authUrl }: Place, isExamined = false) {
  const last = `d${Math.floor((files - 1) / 100)}/f${files - 1}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-diversion-'));
  const start = performance.now();
  const child = spawn(process.execPath, [...(isExamined ? ['--import', teller] : []), bundle], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, TMPDIR: folder },
      ...{
        PLUGIN_COMMAND: `test -f ${last}`,
        PLUGIN_ENVIRONMENT: 'bench',
        PLUGIN_REPORT: 'none',
      },
      ...{ PLUGIN_CHECKOUT: 'diversion', PLUGIN_DIVERSION_REPO: 'hello' },
      PLUGIN_CHECKOUT_LIMIT: '6000',
      ...{ PLUGIN_DIVERSION_TOKEN: token, PLUGIN_DIVERSION_API_URL: url },
      PLUGIN_DIVERSION_AUTH_URL: authUrl,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let peak = '';
  child.stdio[3]?.on('data', (chunk) => {
    peak += chunk;
  });
  const [status] = await once(child, 'close');
  const ms = performance.now() - start;
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`a run with checkout: diversion exited with ${status}`);
  return { ms, peakMiB: Number(peak) / 1024 };
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  process.exitCode = (await checkOutDiversion(bundle, Number(process.argv[2] ?? 3))) ? 0 : 1;
}
