import { patiently as read } from '../../http/patience.ts';
import type { Deploying } from './deploying.ts';

/** Reads from Divio while a deployment goes on; the run's own signal ends it. */
export const patiently = <T>(
  { deps, job }: Pick<Deploying, 'deps' | 'job'>,
  what: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal = job.signal,
): Promise<T> => read({ ...deps, service: 'Divio' }, what, signal);
