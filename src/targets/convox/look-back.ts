import type { RemoteError } from '../../errors.ts';
import { isMissing, isNoObject, mayBeDoneWithout } from './dialect.ts';
import { ofBuild, ofPromotion, type Recalled } from './how-far.ts';
import { type Deploying, fresh } from './stage.ts';
import { findBuild, findEarlier } from './start-build.ts';
import { leavesTraces, traceOf } from './trace.ts';

/** Nobody has said that there was an earlier run. Where the credential may not ask, none is taken to be. */
export async function lookBack(d: Deploying): Promise<Recalled> {
  const none: Recalled = { facts: fresh, key: d.key };
  try {
    return (await findBegun(d)) ?? none;
  } catch (error) {
    if (!mayBeDoneWithout(error)) throw error;
    // Without the app there is no build either; that it is missing is said later.
    if (!isMissing(error)) {
      d.deps.log.info(`Whether an earlier run has begun this is not to be seen: ${error.message}`);
    }
    return none;
  }
}

async function findBegun(d: Deploying): Promise<Recalled | undefined> {
  const { deps, job, values, key: own } = d;
  if (values.convoxRelease !== undefined) return job.unremembered && ofRelease(d);
  const found = job.unremembered ? await findEarlier(d) : await findBuildWithKey(d);
  // Of one that failed, its own run has told the reason; to start again is meant.
  if (!found || found.build.status === 'failed') return undefined;
  const { build, key } = found;
  deps.log.info(`An earlier run of this build has started build ${build.id}`);
  const facts = await ofPromotion({ ...d, key }, ofBuild(build));
  if (facts) return { facts, key };
  deps.log.info('It has ended, so this one starts anew');
  return { facts: fresh, key: own };
}

async function findBuildWithKey(d: Deploying) {
  const build = await findBuild(d);
  return build && { build, key: d.key };
}

/** Of one that only promotes there is no build, so only its traces tell. */
async function ofRelease(d: Deploying): Promise<Recalled | undefined> {
  const { rack, job, deps, values, key } = d;
  const release = values.convoxRelease ?? '';
  const wasBegun = await findTraces(d, release);
  if (wasBegun === true) {
    deps.log.info(`An earlier run of this build has begun to promote ${release}`);
    const facts = await ofPromotion(d, { release });
    return facts && { facts, key };
  }
  const isThere = (await rack.app(job.signal)).release === release;
  if (!isThere || (wasBegun === false && (await leavesTraces(d, release)))) {
    if (wasBegun !== false) throw wasBegun;
    return undefined;
  }
  deps.log.info(
    `The app has release ${release} already. Whether an earlier run of this build has promoted it is not to be seen, so it is not promoted again`,
  );
  return { facts: { release, step: 'promoting' }, key, isGuess: true };
}

/** Why it is not to be seen, where it is not. */
async function findTraces(
  { rack, key, job }: Deploying,
  release: string,
): Promise<boolean | RemoteError> {
  try {
    for (const step of ['promotion', 'before promote'] as const) {
      const isLeft = await rack.has(traceOf(key, release, step), job.signal).catch((error) => {
        if (isNoObject(error)) return false;
        throw error;
      });
      if (isLeft) return true;
    }
    return false;
  } catch (error) {
    if (mayBeDoneWithout(error)) return error;
    throw error;
  }
}
