import { RemoteError } from '../../errors.ts';

/** Throws when the run is to end: for work that waits for nothing which would end by itself then. */
export function demandGoing(signal: AbortSignal): void {
  if (signal.aborted) throw new RemoteError('The tree was interrupted', { kind: 'unavailable' });
}
