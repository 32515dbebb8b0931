import type { Clock } from '../../src/clock.ts';

export type ManualClock = Clock & {
  /** Moves time on and wakes whoever waited for less; lets what they start go on before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Pauses of at least `ms` that wait now. */
  waiting(ms: number): number;
};

type Sleeper = { readonly from: number; readonly until: number; readonly wake: () => void };

/** Time that only the test moves. */
export function manualClock(start = Date.parse('2026-11-21T10:00:00Z')): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { from: now, until: now + ms, wake: () => done() };
        const done = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', done, { once: true });
      }),
    waiting: (ms) => [...sleepers].filter(({ from, until }) => until - from >= ms).length,
    async advance(ms) {
      await settle();
      const end = now + ms;
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.until - b.until)[0];
        if (!next || next.until > end) break;
        now = Math.max(now, next.until);
        next.wake();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets promises and loopback exchanges that are under way come to rest. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15));
