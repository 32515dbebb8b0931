import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRack } from '../test/support/convox/fake-rack.ts';
import { median } from './measure.ts';

const goalMs = 150;
/** A run that deploys by `true`: what every run costs. */
const plain = {
  ...{ PLUGIN_COMMAND: 'true', PLUGIN_ENVIRONMENT: 'live', PLUGIN_REPORT: 'none' },
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

/** What a deploy of a small tree costs beside the waiting; tells whether the goal holds. */
export async function effort(bundle: string, rounds: number): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-effort-'));
  writeFileSync(path.join(folder, 'convox.yml'), 'services:\n  web:\n    build: .\n');
  const bares: number[] = [];
  const deploys: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const rack = await startRack({ build: ['complete'], rollout: ['updating', 'running'] });
    const { PLUGIN_COMMAND: _, ...rest } = plain;
    const convox = { PLUGIN_CONVOX_RACK_URL: rack.rackUrl, PLUGIN_CONVOX_APP: 'app1' };
    bares.push(await effortOf(bundle, plain));
    deploys.push(
      await effortOf(bundle, {
        ...{ ...rest, ...convox, PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_DIR: folder },
      }),
    );
    await rack.close();
  }
  rmSync(folder, { recursive: true });
  const over = median(deploys.map((ms, round) => ms - (bares[round] ?? 0)));
  console.log('\nEffort: processor time of a deploy of a small tree to Convox, over a bare run');
  console.table([
    {
      ...{ 'bare ms': Math.round(median(bares)), 'Convox ms': Math.round(median(deploys)) },
      ...{ 'over ms': Math.round(over), '≤': goalMs, holds: over <= goalMs ? 'yes' : 'NO' },
    },
  ]);
  return over <= goalMs;
}

if (import.meta.main) {
  const bundle = path.join(import.meta.dirname, '../dist/slipway.mjs');
  process.exitCode = (await effort(bundle, Number(process.argv[2] ?? 7))) ? 0 : 1;
}
