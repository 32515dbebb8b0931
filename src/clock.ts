/** Time as an argument, so that tests take none. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
};

/** Aborts so many ms after the other signal: what is on its way at a stop may still arrive. */
export function delayed(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; done(): void } {
  const late = new AbortController();
  const over = new AbortController();
  const wait = (): void =>
    void clock.pause(ms, over.signal).then(() => {
      if (!over.signal.aborted) late.abort(signal.reason);
    });
  if (signal.aborted) wait();
  else signal.addEventListener('abort', wait, { once: true });
  return {
    signal: late.signal,
    done() {
      over.abort();
      signal.removeEventListener('abort', wait);
    },
  };
}

/** Milliseconds since this call, whatever is done to the time of day meanwhile. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start);
}

/** Beyond it Node's timers fire at once. */
const longest = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, longest));
      signal?.addEventListener('abort', done, { once: true });
    }),
};
