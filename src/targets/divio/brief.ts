import { limited } from '../../ending.ts';
import type { Deploying } from './deploying.ts';

const longestMs = 2 * 60_000;

/** What only tells more of an end that is known: it is read for two minutes, and then done without. */
export async function briefly<T>(
  { deps }: Pick<Deploying, 'deps'>,
  signal: AbortSignal,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = limited(deps.clock, longestMs, signal);
  try {
    return await read(limit.signal);
  } finally {
    limit.done();
  }
}
