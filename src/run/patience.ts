import { durationText } from '../duration.ts';
import type { RunDeps } from './session.ts';

/** Within this time an ordinary answer comes. */
const usualMs = 5000;

/** Says once for how long we try, when an answer does not come at once: a silent wait looks like a hang. */
export async function visibly<T>(
  { clock, log }: Pick<RunDeps, 'clock' | 'log'>,
  waiting: string,
  ms: number,
  work: Promise<T>,
): Promise<T> {
  const over = new AbortController();
  if (ms > usualMs) {
    void clock.pause(usualMs, over.signal).then(() => {
      if (!over.signal.aborted) log.info(`${waiting}; trying for up to ${durationText(ms)}`);
    });
  }
  try {
    return await work;
  } finally {
    over.abort();
  }
}
