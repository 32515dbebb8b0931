import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRack } from '../test/support/convox/fake-rack.ts';
import { fakeDivio } from '../test/support/divio/fake-divio.ts';
import { median } from './measure.ts';

const goalMs = 150;
const rest = {
  ...{ PLUGIN_ENVIRONMENT: 'live', PLUGIN_REPORT: 'none' },
  ...{ PLUGIN_COMMIT: 'c'.repeat(40), PLUGIN_REPO: 'octo/hello' },
};

/** Processor time of one run, in ms: all that it does but wait. */
async function effortOf(bundle: string, env: Readonly<Record<string, string>>): Promise<number> {
  const told = encodeURIComponent(
    `process.on('exit',()=>{const {user,system}=process.cpuUsage();process.getBuiltinModule('fs').writeSync(3,String(user+system))})`,
  );
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${told}`, bundle], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let micros = '';
  child.stdio[3]?.on('data', (chunk) => {
    micros += chunk;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`a run exited with ${status}`);
  return Number(micros) / 1000;
}

/** A service on loopback that is done at once, and what deploys by it. */
type Service = { readonly env: Readonly<Record<string, string>>; close(): Promise<void> };

async function convox(folder: string): Promise<Service> {
  const rack = await startRack({ build: ['complete'], rollout: ['updating', 'running'] });
  const { rackUrl, close } = rack;
  const env = { PLUGIN_CONVOX_RACK_URL: rackUrl, PLUGIN_CONVOX_APP: 'app1' };
  return { env: { ...env, PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_DIR: folder }, close };
}

async function divio(): Promise<Service> {
  const { url, token, world, close } = await fakeDivio({ course: { lasts: 1000 } });
  world.pull(rest.PLUGIN_COMMIT);
  const env = { PLUGIN_DIVIO_API_URL: url, PLUGIN_DIVIO_TOKEN: token };
  return { env: { ...env, PLUGIN_TARGET: 'divio', PLUGIN_DIVIO_APPLICATION: 'hello' }, close };
}

/** What a deploy of a small tree costs beside the waiting; tells whether the goal holds for each service. */
export async function effort(bundle: string, rounds: number): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-effort-'));
  writeFileSync(path.join(folder, 'convox.yml'), 'services:\n  web:\n    build: .\n');
  const bares: number[] = [];
  const cases = [
    { name: 'Convox', start: () => convox(folder), deploys: [] as number[] },
    { name: 'Divio', start: divio, deploys: [] as number[] },
  ];
  for (let round = 0; round < rounds; round += 1) {
    bares.push(await effortOf(bundle, { ...rest, PLUGIN_COMMAND: 'true' }));
    for (const { start, deploys } of cases) {
      const { env, close } = await start();
      deploys.push(await effortOf(bundle, { ...rest, ...env }));
      await close();
    }
  }
  rmSync(folder, { recursive: true });
  console.log('\nEffort: processor time of a deploy of a small tree, over a bare run');
  const rows = cases.map(({ name, deploys }) => {
    const over = median(deploys.map((ms, round) => ms - (bares[round] ?? 0)));
    return {
      ...{ service: name, 'bare ms': Math.round(median(bares)) },
      ...{ 'deploy ms': Math.round(median(deploys)), 'over ms': Math.round(over), '≤': goalMs },
      holds: over <= goalMs ? 'yes' : 'NO',
    };
  });
  console.table(rows);
  return rows.every(({ holds }) => holds === 'yes');
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  process.exitCode = (await effort(bundle, Number(process.argv[2] ?? 7))) ? 0 : 1;
}
