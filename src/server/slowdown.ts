import type { Clock } from '../clock.ts';

/** Wrong tokens from one address are answered ever later; right ones never wait. */
export type Slowdown = {
  /** Resolves when the failure may be answered; false: too many wait already, so it must be answered as such. */
  failed(address: string): Promise<boolean>;
};

type Record = { failures: number; waiting: number; last: number };

const free = 3;
const stepMs = 250;
const longestMs = 4000;
const forgottenAfterMs = 10 * 60_000;
const mostWaiting = 32;
const mostAddresses = 4096;

export function createSlowdown(clock: Clock): Slowdown {
  const records = new Map<string, Record>();

  function recordOf(address: string): Record {
    const now = clock.now();
    const known = records.get(address);
    records.delete(address);
    const isFresh = known && now - known.last < forgottenAfterMs;
    const record = isFresh ? known : { failures: 0, waiting: known?.waiting ?? 0, last: now };
    record.last = now;
    // The map keeps its order: what was heard of longest ago goes first.
    records.set(address, record);
    const [oldest] = records.keys();
    if (records.size > mostAddresses && oldest !== undefined) records.delete(oldest);
    return record;
  }

  return {
    async failed(address) {
      const record = recordOf(address);
      record.failures += 1;
      if (record.failures <= free) return true;
      if (record.waiting >= mostWaiting) return false;
      record.waiting += 1;
      await clock.pause(Math.min(longestMs, stepMs * 2 ** Math.min(record.failures - free - 1, 8)));
      record.waiting -= 1;
      return true;
    },
  };
}
