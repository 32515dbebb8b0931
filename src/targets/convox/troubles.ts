import { RemoteError } from '../../errors.ts';
import { retryAfter } from '../../http/retry.ts';
import type { Log } from '../../log.ts';

/** A no is believed when it was said three times in a row: gateways say it in passing. */
const believed = 3;
/** Nobody follows anything with longer pauses. */
const longestMs = 10 * 60_000;

/** Looks that fail while the deploy goes on. */
export type Troubles = {
  /** Throws what is of no use to ask again; else for how many ms the rack wants to be left alone. */
  add(error: unknown): number;
  over(): void;
};

export function createTroubles(log: Log, what: string): Troubles {
  let count = 0;
  let noes = 0;
  return {
    add(error) {
      if (!(error instanceof RemoteError)) throw error;
      noes = error.kind === 'unavailable' ? 0 : noes + 1;
      count += 1;
      if (noes === believed) throw error;
      // The first, the second, the fourth, the eighth …
      if (Number.isInteger(Math.log2(count))) {
        log.warn(`${error.message} (${count} in a row); ${what} goes on, asking again`);
      }
      const { headers } = error.answer ?? {};
      return Math.min(retryAfter(headers?.['retry-after'], headers?.date) ?? 0, longestMs);
    },
    over() {
      if (count > 0) log.info('The rack answers again');
      count = noes = 0;
    },
  };
}
