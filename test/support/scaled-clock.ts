import type { Clock } from '../../src/clock.ts';

/** Time that runs so many times as fast, for whoever looks at it as for whoever pauses. */
export function scaledClock(factor: number, start = Date.now()): Clock {
  const origin = performance.now();
  return {
    now: () => Math.round(start + (performance.now() - origin) * factor),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(done, ms / factor);
        function done(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        }
        signal?.addEventListener('abort', done, { once: true });
      }),
  };
}
