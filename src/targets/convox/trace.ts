import { RemoteError } from '../../errors.ts';
import { isMissing } from './dialect.ts';
import { type Deploying, ended, objectKey } from './stage.ts';

type Step = 'before promote' | 'promotion';

/** A trace on the rack itself, so that whoever follows a killed run knows whether it came so far. */
export async function leaveTrace(d: Deploying, step: Step): Promise<void> {
  const { rack, key, ending, deps } = d;
  try {
    await rack.upload(objectKey(key, step), Buffer.from(`${step}\n`), ending.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    deps.log.debug(`No trace of this step could be left on the rack: ${error.message}`);
  }
}

export async function hasTrace({ rack, key, job }: Deploying, step: Step): Promise<boolean> {
  try {
    return await rack.has(objectKey(key, step), job.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (isMissing(error)) return false;
    const why = 'the rack does not tell how far it came';
    throw ended('error', `not known what the earlier run did: ${why}: ${error.message}`);
  }
}
