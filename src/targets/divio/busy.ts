import { durationText } from '../../duration.ts';
import { stoppedAs } from '../../ending.ts';
import { spread } from '../../http/retry.ts';
import type { Verdict } from '../target.ts';
import type { Deploying } from './deploying.ts';
import { patiently } from './patience.ts';
import type { DivioValues } from './settings.ts';
import { nothingDone } from './verdicts.ts';
import { type Deployment, isOver } from './wire.ts';

export type Idle = {
  /** Everything that there was when the environment was free, newest first. */
  readonly known: readonly Deployment[];
  /** The last one that was waited for, as it ended. */
  readonly waitedFor: Deployment | undefined;
};

const pauseMs = 5000;

/** It began since the CI build was created: a run of this build that was killed may have asked for it. */
export function isOfThisBuild(
  { job, service, deps }: Deploying,
  { startedAt }: Deployment,
): boolean {
  const { buildCreatedAt } = job.order;
  if (buildCreatedAt === undefined) return false;
  // What waits for a worker has yet to begin.
  return (startedAt ?? service.now()) >= buildCreatedAt + service.now() - deps.clock.now();
}

/** Where CI does not say when the build was created, nobody knows whether an earlier run of it was killed. */
export function whoseIs(d: Deploying, deployment: Deployment): string {
  if (d.job.order.buildCreatedAt === undefined) return 'not of this run';
  return isOfThisBuild(d, deployment) ? 'maybe an earlier run of this build' : 'of somebody else';
}

/** The newest deployment of a list, if it runs: the list may be older than the deployment's own word. */
export async function runningOf(
  { service }: Deploying,
  known: readonly Deployment[],
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  const [newest] = known;
  if (!newest || isOver(newest)) return undefined;
  const now = await service.deployment(newest.uuid, signal);
  return isOver(now) ? undefined : now;
}

/**
 * Waits until no deployment of the environment runs. The vendor's client takes the end of a running one for its
 * own, and so tells of an older commit. `until`: when the patience for others is over.
 */
export async function waitUntilIdle(
  d: Deploying,
  policy: DivioValues['divioOnBusy'],
  until: number,
): Promise<Idle | { readonly attach: Deployment } | Verdict> {
  const { job, service, place, deps, values } = d;
  let waitedFor: Deployment | undefined;
  try {
    for (;;) {
      const known = await patiently(d, (signal) => service.deployments(place, signal));
      const running = await patiently(d, (signal) => runningOf(d, known, signal));
      if (!running) return { known, waitedFor };
      if (policy === 'attach') return { attach: running };
      const name = `deployment ${running.uuid}`;
      if (policy === 'fail') {
        const whose = whoseIs(d, running);
        const why = `${name} (${whose}) runs (divio_on_busy: fail); see ${d.link}`;
        return nothingDone('failure', why);
      }
      if (running.uuid !== waitedFor?.uuid) {
        deps.log.info(`${name} (${whoseIs(d, running)}) runs; ours waits for its end`);
      }
      waitedFor = await waitForEnd(d, running, until);
      if (!isOver(waitedFor)) {
        const waited = durationText(values.divioQueueTimeout);
        const why = `${name} still runs after ${waited} (divio_queue_timeout); see ${d.link}`;
        return nothingDone('failure', why);
      }
      const how = waitedFor.success ? 'succeeded' : 'failed';
      deps.log.info(`${name} has ended: it ${how}`);
    }
  } catch (error) {
    if (!job.signal.aborted) throw error;
    // What failed then was what the end of the run has interrupted.
    return nothingDone(stoppedAs(job.signal), 'the run was ended while it waited');
  }
}

async function waitForEnd(d: Deploying, running: Deployment, until: number): Promise<Deployment> {
  const { job, service, deps, values } = d;
  let last = running;
  for (;;) {
    if (deps.clock.now() >= until) return last;
    const percent = last.percent === undefined ? '' : ` (${last.percent} %)`;
    job.progress(`waits for deployment ${last.uuid}${percent}`);
    const left = Math.max(until - deps.clock.now(), 1);
    const pause = values.divioPollInterval ?? spread(pauseMs);
    await deps.clock.pause(Math.min(pause, left), job.signal);
    if (job.signal.aborted) throw new Error('it was stopped');
    last = await patiently(d, (signal) => service.deployment(running.uuid, signal));
    if (isOver(last)) return last;
  }
}
