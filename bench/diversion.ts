import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, teller } from './measure.ts';

const tree = { files: 5000, bytes: 4096, latencyMs: 20, atOnce: 6 };
const limits = { toBound: 1.3, peakMiB: 150 };
const token = 'a-token-of-the-bench';

type Place = { readonly url: string; readonly authUrl: string };

/** A whole run with `checkout: diversion`; tells whether it is as fast as six files at once can be, and as small. */
export async function checkOutDiversion(bundle: string, rounds: number): Promise<boolean> {
  const { files, bytes, latencyMs, atOnce } = tree;
  const server = fork(
    path.join(import.meta.dirname, 'diversion-server.ts'),
    [token, files, bytes, latencyMs].map(String),
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const [line] = await once(server.stdout ?? server, 'data');
  const place: Place = JSON.parse(String(line));
  const perMs = await loopbackSpeed();
  const boundMs = (files * latencyMs) / atOnce + (files * bytes) / perMs;
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push((await run(bundle, place)).ms);
  const { peakMiB } = await run(bundle, place, true);
  server.disconnect();
  const ms = median(times);
  const holds = ms <= limits.toBound * boundMs && peakMiB <= limits.peakMiB;
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
      ...{ 'peak MiB': Math.round(peakMiB), '≤ MiB': limits.peakMiB, holds: holds ? 'yes' : 'NO' },
    },
  ]);
  return holds;
}

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

async function run(bundle: string, { url, authUrl }: Place, isExamined = false) {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-diversion-'));
  const start = performance.now();
  const child = spawn(process.execPath, [...(isExamined ? ['--import', teller] : []), bundle], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, TMPDIR: folder },
      ...{
        PLUGIN_COMMAND: 'test -f d49/f4999',
        PLUGIN_ENVIRONMENT: 'bench',
        PLUGIN_REPORT: 'none',
      },
      ...{ PLUGIN_CHECKOUT: 'diversion', PLUGIN_DIVERSION_REPO: 'hello' },
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
