import { createEnding } from '../../ending.ts';
import type { Checkpoint, Job, Verdict } from '../target.ts';
import { runBeforePromote } from './before-promote.ts';
import { leftBehind, verdictOf } from './failing.ts';
import { followBuild } from './follow-build.ts';
import { ofPromotion } from './how-far.ts';
import { prepareApp } from './prepare-app.ts';
import { promote, untilOf } from './promote.ts';
import { factsIn, recall } from './recall.ts';
import { watchRollout } from './rollout.ts';
import { assertSource, sendSource } from './send-source.ts';
import { setEnv } from './set-env.ts';
import type { ConvoxValues } from './settings.ts';
import {
  after,
  type Deploying,
  ended,
  type Facts,
  type Promoting,
  stopped,
  store,
} from './stage.ts';
import { startBuild } from './start-build.ts';
import { leaveEnds } from './trace.ts';

type Given = Pick<Deploying, 'rack' | 'values' | 'deps' | 'nameOf' | 'job'>;

/** Builds and promotes, or goes on where an earlier process stopped, and says how that ended. */
export async function deployTo(given: Given): Promise<Verdict> {
  const { values, deps, job } = given;
  const results = new Map<string, string>();
  const remembering: Job = {
    ...job,
    result(name, value) {
      results.set(name, value);
      job.result(name, value);
    },
  };
  const ending = createEnding(job.signal, deps.clock);
  const key = keyOf(job, values);
  const traced = new Map<string, string>();
  const course = job.checkpoint ? { facts: factsIn(job.checkpoint) } : {};
  const d: Deploying = { ...given, job: remembering, ending, key, course, traced };
  try {
    const verdict = await goOn(d).catch((error: unknown) => verdictOf(d, error));
    const { outcome, description, goesOn } = verdict;
    if (job.unremembered) await leaveEnds(d);
    if (!goesOn) {
      const kept = Object.fromEntries(results);
      await store(d, { key, step: 'ended', outcome, description, results: kept });
    }
    return verdict;
  } finally {
    ending.done();
  }
}

function keyOf({ order, attempt, checkpoint, unremembered }: Job, values: ConvoxValues): string {
  if (typeof checkpoint?.key === 'string') return checkpoint.key;
  // Without a build that tells the key, a later process has to come to the same one.
  const isLost = unremembered && values.convoxRelease !== undefined;
  return `${order.runKey}-${isLost ? 'release' : attempt}`;
}

async function goOn(begun: Deploying): Promise<Verdict> {
  const { job, rack, values, ending } = begun;
  if (job.checkpoint?.step === 'ended') return endOf(job, job.checkpoint);
  if (job.signal.aborted && !begun.course.facts?.build && !begun.course.facts?.release) {
    const { what, ...left } = leftBehind(begun);
    throw stopped(begun, job.checkpoint || job.predecessor ? what : 'nothing was started', left);
  }
  await rack.connect(job.signal.aborted ? ending.signal : job.signal);
  const { facts: known, key, isGuess } = await recall(begun);
  const hasBegun = known.build !== undefined || known.release !== undefined;
  const d: Deploying = { ...begun, key, isFollowing: hasBegun && !job.checkpoint && !isGuess };
  d.course.facts = known;
  if (known.version) job.result('rack_version', known.version);
  if (known.step === 'promoting' || known.step === 'promoted') return resumeRollout(d, known);
  const { facts } = hasBegun ? { facts: known } : await prepareApp(d, known);
  const promoting = values.convoxRelease
    ? { ...facts, release: values.convoxRelease }
    : await build(d, facts);
  job.result('release', promoting.release);
  if (!values.convoxPromote) {
    return { outcome: 'success', description: `${promoting.release}: built, not promoted` };
  }
  if (d.isFollowing && known.step === 'build started') {
    const there = await howFarNow(d, promoting);
    if (there.step === 'promoting') return resumeRollout(d, there);
  }
  if (values.convoxBeforePromote && known.step !== 'prepared') await runBeforePromote(d, promoting);
  return promote(d, promoting);
}

/** The earlier process may be alive, and have gone on while this one followed the build. */
async function howFarNow(d: Deploying, { build, release }: Promoting): Promise<Facts> {
  const there = await ofPromotion(d, { ...(build ? { build } : {}), release });
  if (there) return there;
  throw ended(
    'error',
    `release ${release} was promoted by an earlier run of this build and does not serve; that run has told why`,
  );
}

/** The release of a build that may have been begun before. */
async function build(d: Deploying, facts: Facts): Promise<Promoting> {
  if (facts.build) d.job.result('build', facts.build);
  if (facts.release) return { ...facts, release: facts.release };
  const id = facts.build ?? (await begin(d, facts));
  const known = { ...facts, build: id };
  const { release } = await followBuild(d, known, id);
  const built: Promoting = { ...known, step: 'built', release };
  await after(d, built);
  d.job.progress(`build ${id} is complete: release ${release}`);
  return built;
}

async function begin(d: Deploying, facts: Facts): Promise<string> {
  // What the tree lacks is told before anything is changed.
  if (!facts.url) await assertSource(d);
  if (d.values.convoxEnv && !afterEnv.includes(facts.step)) await setEnv(d, facts);
  const url = facts.url ?? (await sendSource(d, facts));
  return startBuild(d, facts, url);
}

const afterEnv: readonly Facts['step'][] = ['env set', 'uploading', 'uploaded', 'building'];

/** The promotion was asked for, or was about to be. It is not asked for again: what the app does, tells. */
async function resumeRollout(d: Deploying, facts: Facts): Promise<Verdict> {
  const release = facts.release ?? (await releaseOf(d, facts));
  d.job.result('release', release);
  if (facts.build) d.job.result('build', facts.build);
  if (facts.previous) d.job.result('previous_release', facts.previous);
  const isSure = facts.step === 'promoted';
  const until = untilOf(d);
  d.traced.set(release, d.key);
  const seen = await watchRollout(d, { ...facts, release }, { isSure, isResumed: true, until });
  if (seen !== 'not begun') return d.isFollowing ? byEarlier(seen) : seen;
  const why = `an earlier run ended while it asked, and the app does not run ${release}`;
  throw ended('error', `not known whether release ${release} was promoted: ${why}`);
}

const byEarlier = (seen: Verdict): Verdict =>
  seen.outcome === 'success'
    ? {
        ...seen,
        description: `already deployed by an earlier run of this build: ${seen.description}`,
      }
    : seen;

async function releaseOf(d: Deploying, facts: Facts): Promise<string> {
  const { release } = await followBuild(d, facts, facts.build ?? '');
  return release;
}

function endOf(job: Job, { outcome, description, results }: Checkpoint): Verdict {
  for (const [name, value] of Object.entries((results ?? {}) as Record<string, unknown>)) {
    job.result(name, String(value));
  }
  return { outcome: outcome as Verdict['outcome'], description: String(description) };
}
