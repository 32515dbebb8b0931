import type { Clock } from '../clock.ts';
import type { Stop } from '../errors.ts';

/** Everything that can end a run early, as one signal whose reason is a Stop. */
export type Brake = {
  readonly signal: AbortSignal;
  /** ms since the epoch. */
  readonly deadline: number;
  pull(stop: Stop): void;
  stopped(): Stop | undefined;
  /** ms since the epoch. */
  stoppedAt(): number | undefined;
  /** Lets the timer go. */
  release(): void;
};

export function createBrake(clock: Clock, timeoutMs: number, outer: AbortSignal): Brake {
  const controller = new AbortController();
  const released = new AbortController();
  let stoppedAt: number | undefined;
  const pull = (stop: Stop): void => {
    stoppedAt ??= clock.now();
    controller.abort(stop);
  };
  const follow = (): void => pull(outer.reason as Stop);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  const deadline = clock.now() + timeoutMs;
  void clock.pause(timeoutMs, released.signal).then(() => {
    if (!released.signal.aborted) pull({ kind: 'timeout' });
  });
  return {
    signal: controller.signal,
    deadline,
    pull,
    stopped: () => (controller.signal.aborted ? (controller.signal.reason as Stop) : undefined),
    stoppedAt: () => stoppedAt,
    release() {
      released.abort();
      outer.removeEventListener('abort', follow);
    },
  };
}

/** Resolves when the run is told to stop. */
export const stopOf = ({ signal }: Brake): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
