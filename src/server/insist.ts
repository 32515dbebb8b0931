import type { Clock } from '../clock.ts';
import { passes } from '../store/errors.ts';
import { Failure } from './failure.ts';
import type { Sparing } from './sparing.ts';
import { unavailable } from './troubles.ts';

/** Callers give up on an answer after five seconds. */
const answerMs = 4000;
const everyMs = 250;
const keptMs = 60_000;
const mostKept = 1000;

/**
 * For what a caller says once and never again, as Orca does of a cancellation: a store that is not open yet, or away, is
 * waited for. The caller is told 503 before it gives up, and the wish is kept for a minute all the same.
 */
export type Insist = <T>(what: string, wish: () => Promise<T>) => Promise<T>;

export function createInsist(clock: Clock, { say }: Sparing): Insist {
  let kept = 0;

  async function goOn<T>(wish: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    let isLate = false;
    void clock.pause(keptMs, over.signal).then(() => {
      isLate = true;
    });
    try {
      for (;;) {
        try {
          return await wish();
        } catch (error) {
          if (!isAway(error) || isLate || kept > mostKept) throw error;
          await clock.pause(everyMs);
        }
      }
    } finally {
      over.abort();
    }
  }

  return async (what, wish) => {
    kept += 1;
    const going = goOn(wish).finally(() => {
      kept -= 1;
    });
    const answered = new AbortController();
    const late = clock.pause(answerMs, answered.signal).then(() => 'late' as const);
    const first = await Promise.race([going.then((value) => ({ value })), late]).finally(() =>
      answered.abort(),
    );
    if (first !== 'late') return first.value;
    going.catch(() => say('error', what, `${what} could not be stored, and is lost`));
    throw unavailable('The store is not available. What was asked for is kept for a minute.');
  };
}

const isAway = (error: unknown): boolean =>
  passes(error) || (error instanceof Failure && error.status === 503);
