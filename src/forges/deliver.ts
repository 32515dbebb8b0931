import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import { doubted } from '../http/failure.ts';
import type { Patience } from './forge.ts';
import { isRateLimited } from './rate-limit.ts';

export type Delivery = Patience & {
  readonly clock: Clock;
  /** A run's last word is repeated as long as there is time; an earlier one a few times. */
  readonly terminal: boolean;
  send(): Promise<unknown>;
  /** The same was sent before, and its answer was lost. */
  readonly sentBefore?: boolean;
  /** Whether an attempt whose answer was lost did arrive. */
  confirm(): Promise<boolean>;
};

const attempts = 3;
const longestPause = 30_000;

/**
 * Posts once. An answer that was lost is looked for before anything is sent again. Resolves with whether any
 * answer was lost, for such a request may still arrive late.
 */
export async function deliver(delivery: Delivery): Promise<{ readonly doubtful: boolean }> {
  const { clock, terminal, signal, sentBefore = false } = delivery;
  let doubtful = sentBefore;
  for (let failed = 1; ; failed += 1) {
    try {
      if (!doubtful || !(await delivery.confirm())) await delivery.send();
      return { doubtful };
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      doubtful ||= error.unknown;
      const hopeless = error.kind !== 'unavailable' || isRateLimited(error);
      const failure = doubtful ? doubted(error) : error;
      if (hopeless || signal.aborted || (!terminal && failed === attempts)) throw failure;
      const pause = Math.min(1000 * 2 ** (failed - 1), longestPause);
      if (clock.now() + pause > (delivery.until ?? Number.POSITIVE_INFINITY)) throw failure;
      await clock.pause(pause, signal);
      if (signal.aborted) throw failure;
    }
  }
}
