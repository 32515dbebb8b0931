import { RemoteError } from '../../errors.ts';
import { isNoObject } from './dialect.ts';
import { type Deploying, ended, objectKey } from './stage.ts';

/** For all tries of one trace: no promotion waits for what is only good to have. */
const longestMs = 10_000;

type Step = 'before promote' | 'promotion' | 'end';

export const traceOf = (key: string, release: string, step: Step): string =>
  objectKey(key, `${step} of ${release}`);

/** A trace on the rack itself, so that whoever follows a killed run knows whether it came so far. */
export async function leaveTrace(d: Deploying, step: Step, release: string): Promise<void> {
  const { rack, key, ending, deps } = d;
  d.traced.set(release, key);
  const over = new AbortController();
  const done = new AbortController();
  void deps.clock.pause(longestMs, done.signal).then(() => over.abort());
  try {
    const name = traceOf(key, release, step);
    const signal = AbortSignal.any([ending.signal, over.signal]);
    await rack.upload(name, Buffer.from(`${step}\n`), signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    deps.log.debug(`No trace of this step could be left on the rack: ${error.message}`);
  } finally {
    done.abort();
  }
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
    const why = `the rack does not tell how far it came with release ${release}`;
    throw ended('error', `not known what the earlier run did: ${why}: ${error.message}`);
  }
}

/** Where nobody remembers how the run ended: whoever starts it again after that means it. */
export async function leaveEnds(d: Deploying): Promise<void> {
  for (const [release, key] of [...d.traced]) await leaveTrace({ ...d, key }, 'end', release);
}
