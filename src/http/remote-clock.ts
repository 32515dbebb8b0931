import type { Clock } from '../clock.ts';
import type { Answer } from './http.ts';

/** A service's own time, as its answers tell it: its timestamps are compared with this. */
export type RemoteClock = { hear(answer: Answer): void; now(): number };

export function createRemoteClock(clock: Clock): RemoteClock {
  let ahead: number | undefined;
  return {
    hear({ headers }) {
      // The header has whole seconds, so the best of all answers is the one that says most.
      const said = Date.parse(headers.date ?? '') - clock.now();
      if (!Number.isNaN(said)) ahead = Math.max(ahead ?? said, said);
    },
    now: () => clock.now() + (ahead ?? 0),
  };
}
