import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import type { Log } from '../log.ts';
import { retryAfter, spread } from './retry.ts';

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
  let reason: RemoteError | undefined;
  for (let troubles = 1; ; troubles += 1) {
    try {
      const result = await read(signal);
      if (troubles > 1) log.info(`${service} answers again`);
      return result;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      // What failed before is the reason, and not that there was no more time.
      if (signal.aborted) throw reason ?? error;
      reason = error;
      noes = error.kind === 'unavailable' ? 0 : noes + 1;
      const isOver = troubles >= mostTroubles && clock.now() - began >= longestMs;
      if (noes === believed || isOver) throw error;
      // The first, the second, the fourth, the eighth …
      if (Number.isInteger(Math.log2(troubles))) {
        log.warn(`${error.message} (${troubles} in a row); asking again`);
      }
      const { headers } = error.answer ?? {};
      const said = retryAfter(headers?.['retry-after'], headers?.date) ?? 0;
      await clock.pause(spread(Math.max(pauseMs, said)), signal);
    }
  }
}
