import type { Clock } from '../../clock.ts';

/** A pause that ends early when somebody has heard that there is something to look at. */
export type Hint = {
  give(): void;
  /** Waits for `most`, or for a hint, but at least for `least`. */
  wait(least: number, most: number, signal: AbortSignal): Promise<void>;
};

export function createHint(clock: Clock): Hint {
  let isGiven = false;
  let wake = (): void => {};
  return {
    give() {
      isGiven = true;
      wake();
    },
    async wait(least, most, signal) {
      await clock.pause(least, signal);
      if (!isGiven && most > least && !signal.aborted) {
        const heard = new AbortController();
        const stop = (): void => heard.abort();
        wake = stop;
        signal.addEventListener('abort', stop, { once: true });
        await clock.pause(most - least, heard.signal);
        signal.removeEventListener('abort', stop);
        wake = () => {};
      }
      isGiven = false;
    },
  };
}
