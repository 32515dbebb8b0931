import { readdirSync, readFileSync } from 'node:fs';
import { kill } from 'node:process';
import type { Clock } from '../../../clock.ts';

/** A variable by which our own are told from everybody else's processes. */
export const markName = 'SLIPWAY_DV';

const lookMs = 100;
const graceMs = 3000;
const lastMs = 2000;

/**
 * The program leaves an agent behind, which goes on sending files. Ends it, and whatever else was started with our
 * mark; nobody else's. Resolves to whether all of it has ended.
 */
export async function endAgent(mark: string, clock: Clock): Promise<boolean> {
  for (const [name, ms] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', lastMs],
  ] as const) {
    for (const id of marked(mark)) signal(id, name);
    for (let waited = 0; waited < ms && marked(mark).length > 0; waited += lookMs) {
      await clock.pause(lookMs);
    }
    if (marked(mark).length === 0) return true;
  }
  return false;
}

function marked(mark: string): readonly number[] {
  const line = `${markName}=${mark}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && variablesOf(name).includes(line))
    .map(Number);
}

/** Empty for what has ended and is not collected yet, and for what is another user's. */
function variablesOf(id: string): readonly string[] {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    kill(id, name);
  } catch {
    // It has gone by itself.
  }
}
