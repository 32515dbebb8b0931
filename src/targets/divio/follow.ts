import { stoppedAs } from '../../ending.ts';
import { messageOf } from '../../errors.ts';
import { nextLook } from '../../pace.ts';
import type { Verdict } from '../target.ts';
import type { Begun, Deploying } from './deploying.ts';
import { createLogbook, type Logbook } from './logbook.ts';
import { patiently } from './patience.ts';
import { type Deployment, durationsOf, isOver } from './wire.ts';

export type Ended = { readonly deployment: Deployment; readonly logbook: Logbook };

/** Clients that began together, as after an outage, do not look in step. */
const phaseMs = 1000;
const rereads = 3;
const rereadMs = 2000;

/** Watches one deployment to its end. */
export async function follow(d: Deploying, { uuid, past: known }: Begun): Promise<Ended | Verdict> {
  const { job, service, deps } = d;
  const tell = createTeller(d);
  const logbook = createLogbook(d, uuid);
  const began = deps.clock.now();
  const phase = Math.random() * phaseMs;
  const past =
    known ?? durationsOf(await d.service.deployments(d.place, job.signal).catch(() => []));
  let spent = known ? 0 : 1;
  let seen: Deployment | undefined;
  for (;;) {
    const now = service.now();
    const followed = deps.clock.now() - began;
    const elapsed = seen?.startedAt ? now - seen.startedAt : followed;
    const sight = { followed, elapsed, spent, percent: seen?.percent, past };
    const wanted = nextLook(sight) + (seen ? 0 : phase);
    await deps.clock.pause(d.values.divioPollInterval ?? wanted, job.signal);
    if (job.signal.aborted) return stopped(d, uuid, logbook);
    try {
      seen = await patiently(d, (signal) => service.deployment(uuid, signal));
    } catch (error) {
      if (job.signal.aborted) return stopped(d, uuid, logbook);
      return lost(d, error);
    }
    spent += 1;
    tell(seen);
    if (isOver(seen)) return { deployment: await settled(d, seen), logbook };
    // The log is shown with what the looks leave over.
    const isAffordable = 1 + (deps.clock.now() - began) / 3000 - spent >= 2;
    if (isAffordable && (await logbook.grow())) spent += 1;
  }
}

/** The end is there before the word on how it was: Divio gets some time for that. */
async function settled(d: Deploying, seen: Deployment): Promise<Deployment> {
  let deployment = seen;
  for (let reads = 0; deployment.success === undefined && reads < rereads; reads += 1) {
    await d.deps.clock.pause(rereadMs, d.ending.signal);
    deployment = await d.service.deployment(seen.uuid, d.ending.signal).catch(() => deployment);
  }
  return deployment;
}

/** There is no way to cancel. It may have ended meanwhile, and then that is the truth. */
async function stopped(d: Deploying, uuid: string, logbook: Logbook): Promise<Ended | Verdict> {
  const last = await d.service.deployment(uuid, d.ending.signal).catch(() => undefined);
  if (last && isOver(last)) return { deployment: await settled(d, last), logbook };
  const description = `Divio has no way to cancel deployment ${uuid}`;
  return { outcome: stoppedAs(d.job.signal), description, goesOn: d.link };
}

function lost({ link }: Deploying, error: unknown): Verdict {
  const description = `how the deploy ends is not known, for Divio does not let us follow: ${messageOf(error)}`;
  return { outcome: 'error', description, goesOn: link };
}

function createTeller({ job }: Deploying): (deployment: Deployment) => void {
  let told: string | undefined;
  return ({ status, percent, startedAt }) => {
    const stage = status ?? (startedAt === null ? 'waiting' : 'running');
    const text = `Divio: ${stage}${percent === undefined ? '' : ` (${percent} %)`}`;
    if (text !== told) job.progress(text);
    told = text;
  };
}
