import { messageOf, RemoteError } from '../../errors.ts';
import type { Checkpoint } from '../target.ts';
import { end } from './before-promote.ts';
import { isWithoutApp } from './dialect.ts';
import { type Begun, halfPrepared, ofBuild, ofPromotion, type Recalled } from './how-far.ts';
import { lookBack } from './look-back.ts';
import type { Build } from './shapes.ts';
import { type Deploying, ended, type Facts, fresh } from './stage.ts';
import { findBuild } from './start-build.ts';

const steps = [
  ...(['looking', 'creating', 'env', 'env set', 'uploading', 'uploaded', 'building'] as const),
  ...(['build started', 'built', 'before promote', 'prepared', 'promoting', 'promoted'] as const),
];
const names = ['url', 'build', 'release', 'previous', 'process', 'version'] as const;

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
    // Without the app there is no build; what to do about that is said later.
    if (!isNeeded || isWithoutApp(error)) return undefined;
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

const factsOf = async (d: Deploying, begun: Begun): Promise<Facts> =>
  (await ofPromotion(d, begun)) ?? fresh;
