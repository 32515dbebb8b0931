import { messageOf, RemoteError } from '../../errors.ts';
import type { Checkpoint } from '../target.ts';
import { end } from './before-promote.ts';
import { isMissing, isNoObject, mayBeDoneWithout } from './dialect.ts';
import type { Build } from './shapes.ts';
import { type Deploying, ended, type Facts } from './stage.ts';
import { findBuild, findEarlier } from './start-build.ts';
import { hasTrace, leavesTraces, traceOf } from './trace.ts';

const steps = [
  ...(['looking', 'creating', 'env', 'env set', 'uploading', 'uploaded', 'building'] as const),
  ...(['build started', 'built', 'before promote', 'prepared', 'promoting', 'promoted'] as const),
];
const names = ['url', 'build', 'release', 'previous', 'process', 'version'] as const;

export type Recalled = {
  readonly facts: Facts;
  /** By which the rack knows what was begun. */
  readonly key: string;
  /** What is there may not be an earlier run's doing. */
  readonly isGuess?: true;
};

/** How far an earlier process came: by its checkpoint, else as far as the rack knows. */
export async function recall(d: Deploying): Promise<Recalled> {
  const { checkpoint, predecessor } = d.job;
  if (checkpoint) return { facts: await ofCheckpoint(d, factsIn(checkpoint)), key: d.key };
  return predecessor ? { facts: await askRack(d), key: d.key } : lookBack(d);
}

export function factsIn(checkpoint: Checkpoint): Facts {
  const step = steps.find((each) => each === checkpoint.step) ?? 'looking';
  const texts = names.flatMap((name) => {
    const value = checkpoint[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const isThree = checkpoint.isThree === true ? { isThree: true } : {};
  return { ...Object.fromEntries(texts), step, ...isThree };
}

async function ofCheckpoint(d: Deploying, facts: Facts): Promise<Facts> {
  const { step } = facts;
  d.deps.log.info(`An earlier run of this deploy was ${inProse[step]}; going on from there`);
  if (step === 'before promote') {
    if (facts.process) await end(d, facts.process);
    throw halfPrepared(facts);
  }
  if (facts.build || facts.release) return facts;
  // Before it asked there can be none, so there the list is only a precaution.
  const found = await find(d, step === 'building');
  if (found) return { ...facts, step: 'build started', build: found.id };
  return step === 'building' ? { ...facts, step: 'uploaded' } : facts;
}

const inProse: Readonly<Record<Facts['step'], string>> = {
  looking: 'at its beginning',
  creating: 'creating the app',
  env: 'setting variables',
  'env set': 'done with the variables',
  uploading: 'sending the source',
  uploaded: 'done with sending the source',
  building: 'asking for the build',
  'build started': 'building',
  built: 'done with the build',
  'before promote': 'running convox_before_promote',
  prepared: 'ready to promote',
  promoting: 'asking for the promotion',
  promoted: 'watching the rollout',
};

async function find(d: Deploying, isNeeded: boolean): Promise<Build | undefined> {
  try {
    return await findBuild(d);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (!isNeeded) return undefined;
    throw ended('error', `not known whether a build was started: ${messageOf(error)}`);
  }
}

/** A killed process without a store left its key in the build's description, and a trace of its promotion. */
async function askRack(d: Deploying): Promise<Facts> {
  const { deps, values } = d;
  deps.log.info('An earlier run of this deploy has not ended: asking the rack what it did');
  if (values.convoxRelease !== undefined) return factsOf(d, { release: values.convoxRelease });
  const build = await find(d, true);
  if (build === undefined) {
    deps.log.info('It has built nothing');
    return fresh;
  }
  deps.log.info(`It has started build ${build.id}`);
  return factsOf(d, ofBuild(build));
}

const fresh: Facts = { step: 'looking' };
const ofBuild = ({ id, release }: Build): Begun => ({ build: id, ...(release ? { release } : {}) });
const factsOf = async (d: Deploying, begun: Begun): Promise<Facts> =>
  (await ofPromotion(d, begun)) ?? fresh;

/** Nobody has said that there was an earlier run. Where the credential may not ask, none is taken to be. */
async function lookBack(d: Deploying): Promise<Recalled> {
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

type Begun = { readonly build?: string; readonly release?: string };

/** How far it came after the build; undefined when it has ended since, and whoever comes now means to start again. */
export async function ofPromotion(d: Deploying, begun: Begun): Promise<Facts | undefined> {
  const { rack, job, deps, values } = d;
  const { release } = begun;
  if (release === undefined) return { ...begun, step: 'build started' };
  if (!values.convoxPromote) return { ...begun, step: 'built' };
  const app = await rack.app(job.signal).catch((error: unknown) => {
    if (mayBeDoneWithout(error)) return undefined;
    throw error;
  });
  const isThere = app?.release === release;
  // A release of our own build is there by our promotion; of another one nobody knows, but that we were at it.
  if ((isThere && (begun.build || job.predecessor)) || (await hasTrace(d, 'promotion', release))) {
    if (!isThere && (await hasTrace(d, 'end', release))) return undefined;
    deps.log.info(`It has begun to promote release ${release}`);
    return { ...begun, step: 'promoting' };
  }
  if (values.convoxBeforePromote && (await hasTrace(d, 'before promote', release))) {
    if (await hasTrace(d, 'end', release)) return undefined;
    throw halfPrepared(begun);
  }
  if (!begun.build && !(await leavesTraces(d, release))) {
    const why = `the credential may leave no note on the rack of how far it is with release ${release}`;
    throw ended('error', `not known what the earlier run did: ${why}`);
  }
  return { ...begun, step: 'built' };
}

function halfPrepared({ release }: Begun): Error {
  const what = 'not known whether convox_before_promote has run, and how far';
  const left = release ? `release ${release}` : 'what it built';
  const cure = release ? `; once that is certain, promote it with convox_release: ${release}` : '';
  return ended('error', `${what}; ${left} was not promoted${cure}`);
}
