import { RemoteError } from '../../errors.ts';
import { isNoObject, mayBeDoneWithout, wordsOf } from './dialect.ts';
import { type Deploying, ended, leftOf, objectKey, type Promoting, stopped } from './stage.ts';

/** For all tries of one trace; that a run has ended is only good to know. */
const longestMs = 60_000;
const longestAtEndMs = 10_000;

type Step = 'before promote' | 'promotion' | 'end';

export const traceOf = (key: string, release: string, step: Step | 'look'): string =>
  objectKey(key, `${step} of ${release}`);

/**
 * A trace on the rack itself, before a step that must not be taken twice: whoever follows a killed run knows by it
 * whether that came so far. Without one the step is not taken, but where no credential of this kind may leave any.
 */
export async function assertTrace(d: Deploying, step: Step, facts: Promoting): Promise<void> {
  const { order, signal } = d.job;
  // The server has checkpoints.
  if (order.runId !== undefined) return;
  if (signal.aborted) throw stopped(d, leftOf(facts));
  const fault = await leaveTrace(d, step, facts.release);
  if (fault === undefined || signal.aborted) return;
  if (!mayBeDoneWithout(fault)) {
    const why = 'the rack keeps no note of it, without which a later run might do it again';
    throw ended('error', `${leftOf(facts)}: ${why}: ${wordsOf(fault)}`);
  }
  if (d.isFollowing) throw unknowable(facts.release, fault);
  d.deps.log.info(
    `The credential may leave no note of this step on the rack, so a run after this one could not know of it: ${fault.message}`,
  );
}

/** undefined: it is there. */
async function leaveTrace(
  d: Deploying,
  step: Step | 'look',
  release: string,
): Promise<RemoteError | undefined> {
  const { rack, key, ending, deps } = d;
  if (step !== 'look') d.traced.set(release, key);
  const over = new AbortController();
  const done = new AbortController();
  const most = step === 'end' ? longestAtEndMs : longestMs;
  void deps.clock.pause(most, done.signal).then(() => over.abort());
  try {
    const signal = AbortSignal.any([ending.signal, over.signal]);
    await rack.upload(traceOf(key, release, step), Buffer.from(`${step}\n`), signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    deps.log.debug(`No trace of this step could be left on the rack: ${error.message}`);
    return error;
  } finally {
    done.abort();
  }
}

/** Whether a run with this credential leaves traces: only then is it certain that a missing one was never left. */
export async function leavesTraces(d: Deploying, release: string): Promise<boolean> {
  return (await leaveTrace(d, 'look', release)) === undefined;
}

export async function hasTrace(
  { rack, key, job }: Deploying,
  step: Step,
  release: string,
): Promise<boolean> {
  try {
    return await rack.has(traceOf(key, release, step), job.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (isNoObject(error)) return false;
    throw unknowable(release, error);
  }
}

function unknowable(release: string, error: RemoteError): Error {
  const why = `the rack does not tell how far it came with release ${release}`;
  return ended('error', `not known what the earlier run did: ${why}: ${error.message}`);
}

/** Where nobody remembers how the run ended: whoever starts it again after that means it. */
export async function leaveEnds(d: Deploying): Promise<void> {
  for (const [release, key] of [...d.traced]) await leaveTrace({ ...d, key }, 'end', release);
}
