import { stoppedAs } from '../../ending.ts';
import { RemoteError } from '../../errors.ts';
import { keep, type Verdict } from '../target.ts';
import { type Idle, isOfThisBuild, waitUntilIdle, whoseIs } from './busy.ts';
import type { Begun, Deploying } from './deploying.ts';
import { letDivioPull } from './pull.ts';
import { askingNow, start } from './start.ts';
import { setVariables, wantedVariables } from './variables.ts';
import { isVerdict, nothingDone } from './verdicts.ts';
import { cured, verify } from './verify.ts';
import { type Deployment, durationsOf } from './wire.ts';

/** Refusals without anything that would explain them. */
const mostVain = 5;
const vainMs = 5000;

/**
 * One deployment of ours: waits for its turn, makes ready, and asks. `isFirst`: none of ours can have been before, or
 * none that had the variables.
 */
export async function launch(
  d: Deploying,
  redeploys: number,
  isFirst = redeploys === 0,
): Promise<Begun | Verdict> {
  const { job, deps, values } = d;
  if (redeploys === 0) await letDivioPull(d);
  const until = deps.clock.now() + values.divioQueueTimeout;
  // What runs already has the old variables: with new ones a deployment of our own has to follow.
  const hasVariables = isFirst && wantedVariables(values).length > 0;
  const { divioOnBusy } = values;
  const policy = divioOnBusy === 'attach' && hasVariables ? 'wait' : divioOnBusy;
  for (let vain = 0; vain < mostVain; vain += 1) {
    if (job.signal.aborted) return nothingDone(stoppedAs(job.signal), 'the run was ended before');
    const idle = await waitUntilIdle(d, policy, until);
    if (isVerdict(idle)) return idle;
    if ('attach' in idle) {
      const { uuid } = idle.attach;
      return attach(d, uuid, redeploys, undefined, whoseIs(d, idle.attach));
    }
    const begun = await makeReady(d, idle, redeploys, isFirst);
    if (begun !== 'busy') return begun;
    if (idle.waitedFor) vain = 0;
    await keep(d, { step: 'waiting', redeploys });
    await deps.clock.pause(vainMs, job.signal);
  }
  return nothingDone('failure', `Divio refuses a deployment, though none runs; see ${d.link}`);
}

async function makeReady(
  d: Deploying,
  { known, waitedFor }: Idle,
  redeploys: number,
  isFirst: boolean,
): Promise<Begun | Verdict | 'busy'> {
  const asking = askingNow(d, redeploys, known);
  const isChanged = isFirst && (await setVariables(d, asking));
  if (typeof isChanged === 'object') return isChanged;
  if (!isChanged) {
    const brought = await whatBroughtIt(d, { known, waitedFor }, redeploys);
    if (brought) return attach(d, brought.uuid, redeploys, known, whoseIs(d, brought));
  }
  return start(d, asking, known);
}

/**
 * The deployment by which the ordered commit is there already: the one that was waited for, or one that a killed run
 * of this build may have begun. That one may have the old variables, though they are right by now.
 */
async function whatBroughtIt(
  d: Deploying,
  { known, waitedFor }: Idle,
  redeploys: number,
): Promise<Deployment | undefined> {
  const { job, values } = d;
  if (values.divioBuildMode === 'FORCE' || values.divioVerify === 'off') return undefined;
  if (waitedFor?.success) {
    const { is } = await verify(d, job.signal);
    return is === 'same' || is === 'newer' ? waitedFor : undefined;
  }
  const [newest] = known;
  const isCandidate = newest?.success === true && newest.startedAt && isOfThisBuild(d, newest);
  if (!isCandidate || redeploys > 0 || wantedVariables(values).length > 0) return undefined;
  return (await verify(d, job.signal)).is === 'same' ? newest : undefined;
}

/** Another's deployment stands for ours: one that runs, or one that has brought our commit already. */
async function attach(
  d: Deploying,
  uuid: string,
  redeploys: number,
  known: Idle['known'] | undefined,
  whose: string,
): Promise<Begun | Verdict> {
  const { job, deps } = d;
  await job.before({ step: 'attaching', deployment: uuid, redeploys });
  if (job.signal.aborted) return nothingDone(stoppedAs(job.signal), 'the run was ended before');
  if (known) {
    const what = 'has brought what is ordered: nothing is left to deploy';
    deps.log.info(`Deployment ${uuid} (${whose}) ${what}`);
  } else {
    deps.log.warn(
      `Deployment ${uuid} (${whose}) runs and is taken for ours (divio_on_busy: attach); it may bring another commit`,
    );
  }
  await keep(d, { step: 'started', deployment: uuid, redeploys });
  return { uuid, redeploys, ...(known ? { past: durationsOf(known) } : {}) };
}

/** Another deployment after one that has brought another commit, which is what `said` says. */
export async function launchAgain(
  d: Deploying,
  redeploys: number,
  said: string,
  isFirst = false,
): Promise<Begun | Verdict> {
  try {
    const again = await launch(d, redeploys, isFirst);
    if (!isVerdict(again)) return again;
    return { ...again, description: `${cured(said)}. Deploying again: ${again.description}` };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const description = `${cured(said)}. Deploying again failed: ${error.message}`;
    return { outcome: 'error', description };
  }
}
