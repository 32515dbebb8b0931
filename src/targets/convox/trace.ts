import { RemoteError } from '../../errors.ts';
import { isMissing } from './dialect.ts';
import { type Deploying, ended, objectKey } from './stage.ts';

type Step = 'before promote' | 'promotion' | 'end';

export const traceOf = (key: string, release: string, step: Step): string =>
  objectKey(key, `${step} of ${release}`);

/** A trace on the rack itself, so that whoever follows a killed run knows whether it came so far. */
export async function leaveTrace(d: Deploying, step: Step, release: string): Promise<void> {
  const { rack, key, ending, deps } = d;
  d.traced.set(release, key);
  try {
    const name = traceOf(key, release, step);
    await rack.upload(name, Buffer.from(`${step}\n`), ending.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    deps.log.debug(`No trace of this step could be left on the rack: ${error.message}`);
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
    if (isMissing(error)) return false;
    const why = `the rack does not tell how far it came with release ${release}`;
    throw ended('error', `not known what the earlier run did: ${why}: ${error.message}`);
  }
}

/** Where nobody remembers how the run ended: whoever starts it again after that means it. */
export async function leaveEnds(d: Deploying): Promise<void> {
  for (const [release, key] of [...d.traced]) await leaveTrace({ ...d, key }, 'end', release);
}
