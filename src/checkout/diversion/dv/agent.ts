import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { kill } from 'node:process';
import type { Clock } from '../../../clock.ts';

/** A variable by which our own are told from everybody else's processes. */
export const markName = 'SLIPWAY_DV';

export type Agents = {
  readonly mark: string;
  /** Folders of this run's alone, one in the other: who lives in them is ours, whatever became of the mark. */
  readonly parts: string;
  readonly home: string;
  readonly isHurried: boolean;
};

const lookMs = 100;
/** From TERM to KILL, and from there to giving up. */
const graceMs = { calm: [3000, 2000], hurried: [500, 500] } as const;

/**
 * The program leaves an agent behind, which goes on sending files. Ends it, and whatever else was started with our
 * mark or works in our folder; nobody else's. Resolves to whether all of it has ended.
 */
export async function endAgent(agents: Agents, clock: Clock): Promise<boolean> {
  const [term, last] = graceMs[agents.isHurried ? 'hurried' : 'calm'];
  for (const [name, ms] of [
    ['SIGTERM', term],
    ['SIGKILL', last],
  ] as const) {
    for (const id of ours(agents)) signal(id, name);
    for (let waited = 0; waited < ms && ours(agents).length > 0; waited += lookMs) {
      await clock.pause(lookMs);
    }
    if (ours(agents).length === 0) return true;
  }
  return false;
}

function ours({ mark, parts, home }: Agents): readonly number[] {
  const lines = [`${markName}=${mark}`, `HOME=${home}`];
  const isOurs = (id: string): boolean => {
    const variables = tried(() => readFileSync(`/proc/${id}/environ`, 'utf8')).split('\0');
    const place = tried(() => readlinkSync(`/proc/${id}/cwd`));
    return lines.some((line) => variables.includes(line)) || `${place}/`.startsWith(`${parts}/`);
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOurs(name))
    .map(Number);
}

/** Empty for what has ended and is not collected yet, and for what is another user's. */
function tried(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    kill(id, name);
  } catch {
    // It has gone by itself.
  }
}
