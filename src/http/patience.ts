import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import type { Log } from '../log.ts';
import { retryAfter } from './retry.ts';

/** A no is believed when it was said three times in a row: gateways say it in passing. */
const believed = 3;
/** So many failures in a row, and so long, are no longer a fault in passing. */
const mostTroubles = 10;
const longestMs = 10 * 60_000;
const pauseMs = 5000;

export type Patience = {
  readonly clock: Clock;
  readonly log: Log;
  /** Who is asked, for people. */
  readonly service: string;
};

/** Reads again and again while a deploy goes on, whatever it costs; rejects when that is of no use any more. */
export async function patiently<T>(
  { clock, log, service }: Patience,
  read: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const began = clock.now();
  let noes = 0;
  for (let troubles = 1; ; troubles += 1) {
    try {
      const result = await read(signal);
      if (troubles > 1) log.info(`${service} answers again`);
      return result;
    } catch (error) {
      if (!(error instanceof RemoteError) || signal.aborted) throw error;
      noes = error.kind === 'unavailable' ? 0 : noes + 1;
      const isOver = troubles >= mostTroubles && clock.now() - began >= longestMs;
      if (noes === believed || isOver) throw error;
      // The first, the second, the fourth, the eighth …
      if (Number.isInteger(Math.log2(troubles))) {
        log.warn(`${error.message} (${troubles} in a row); asking again`);
      }
      const { headers } = error.answer ?? {};
      await clock.pause(
        Math.max(pauseMs, retryAfter(headers?.['retry-after'], headers?.date) ?? 0),
        signal,
      );
    }
  }
}
