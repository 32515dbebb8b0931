import type { Clock } from './clock.ts';
import type { Stop } from './errors.ts';

/** The run gives its target 4 s from the signal on. */
const graceMs = 3500;

export type Ending = {
  /** Aborts when even the time for cancelling is over. */
  readonly signal: AbortSignal;
  done(): void;
};

/** How a target ends whose run was told to end: time to tell the service after the run was told to end. */
export function createEnding(signal: AbortSignal, clock: Clock): Ending {
  const over = new AbortController();
  const finished = new AbortController();
  const begin = (): void => {
    void clock.pause(graceMs, finished.signal).then(() => over.abort());
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: over.signal,
    done: () => {
      signal.removeEventListener('abort', begin);
      finished.abort();
    },
  };
}

/** A signal that also ends after `ms`; call `done` when it is not needed any more. */
export function limited(
  clock: Clock,
  ms: number,
  ...signals: readonly AbortSignal[]
): { readonly signal: AbortSignal; readonly until: number; done(): void } {
  const timer = new AbortController();
  const over = new AbortController();
  void clock.pause(ms, over.signal).then(() => {
    if (!over.signal.aborted) timer.abort();
  });
  return {
    signal: AbortSignal.any([timer.signal, ...signals]),
    until: clock.now() + ms,
    done: () => over.abort(),
  };
}

/** What an aborted run is told as. */
export const stoppedAs = ({ reason }: AbortSignal): 'timed_out' | 'cancelled' =>
  (reason as Stop | undefined)?.kind === 'timeout' ? 'timed_out' : 'cancelled';

export function reasonText({ reason }: AbortSignal): string {
  const stop = reason as Stop | undefined;
  if (stop?.kind === 'signal') return `the run was ended by ${stop.name}`;
  if (stop?.kind === 'timeout') return "the run's timeout passed";
  if (stop?.kind === 'shutdown') return 'the server ended';
  return stop?.kind === 'request' || stop?.kind === 'person' ? stop.reason : 'the run was ended';
}
