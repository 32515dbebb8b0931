import { durationText } from '../duration.ts';
import type { Channel } from './channel.ts';
import { type RunDeps, startMs } from './session.ts';

/** Within this time an ordinary answer comes. */
const usualMs = 5000;

/** An audience that nobody requires, and that never answers, keeps a run waiting no longer, all in all. */
const optionalMs = 15_000;
/** Of that, for a look at other runs, which is advice. */
const adviceMs = 10_000;
/** Of that, at least for the last word, behind what is still on its way: it may have come back since. */
const leastMs = 2500;
const endMs = { required: 5 * 60_000, optional: 30_000 };
/** For one that has to hear, and has not answered once in the whole run. */
const deafEndMs = 60_000;

type Limits = Pick<RunDeps, 'httpTimeoutMs'>;

/** How long a look may take, ms. A deployment that is to be adopted is worth waiting for. */
export function lookPatience({ reporter }: Channel, adopts: boolean, limits: Limits): number {
  return reporter.required || adopts ? startMs * 2 : optionalLookMs(limits);
}

const optionalLookMs = ({ httpTimeoutMs }: Limits): number =>
  Math.max(leastMs, Math.min(adviceMs, httpTimeoutMs - leastMs));

/** How long the last word may take to arrive, ms. */
export function endPatience({ reporter, heard }: Channel, limits: Limits): number {
  const { required, forge } = reporter;
  if (heard()) return required ? endMs.required : endMs.optional;
  if (required) return deafEndMs;
  const looked = forge ? optionalLookMs(limits) : 0;
  return Math.max(leastMs, Math.min(optionalMs, limits.httpTimeoutMs) - looked);
}

/** Says once for how long we try, when an answer does not come at once: a silent wait looks like a hang. */
export async function visibly<T>(
  { clock, log }: Pick<RunDeps, 'clock' | 'log'>,
  waiting: string,
  ms: number,
  work: Promise<T>,
): Promise<T> {
  const over = new AbortController();
  if (ms > usualMs) {
    void clock.pause(usualMs, over.signal).then(() => {
      if (!over.signal.aborted) log.info(`${waiting}; trying for up to ${durationText(ms)}`);
    });
  }
  try {
    return await work;
  } finally {
    over.abort();
  }
}
