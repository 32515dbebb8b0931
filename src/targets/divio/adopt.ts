import { messageOf } from '../../errors.ts';
import type { Verdict } from '../target.ts';
import type { Asking, Deploying } from './deploying.ts';
import { patiently } from './patience.ts';
import { notKnown } from './verdicts.ts';
import { type Deployment, isOver } from './wire.ts';

/** A span of Divio's time in which a deployment of ours would have begun. */
export type Window = {
  readonly since: number;
  readonly until: number;
  /** What was there before. */
  readonly seen: readonly string[];
};

/** A deployment waits for a worker before it begins. */
export const workerMs = 10 * 60_000;
/** Divio may date a deployment back; what was there before is known by its id. */
const slackMs = 60_000;
/** What a cut-off request makes may show up late. */
const looksAtMs = [0, 2000, 5000];

/** Deployments that may be ours, oldest first: Divio keeps no key by which a request would know its own. */
export function within(
  { since, until, seen }: Window,
  known: readonly Deployment[],
): readonly Deployment[] {
  const old = new Set(seen);
  const isInside = ({ startedAt }: Deployment): boolean =>
    typeof startedAt !== 'number' || (startedAt >= since && startedAt <= until);
  return known
    .filter((each) => !old.has(each.uuid))
    .filter((each) => isInside(each) && !(isOver(each) && typeof each.startedAt !== 'number'))
    .toReversed();
}

/** Looks until there is one, and for 5 s before it says that there is none. */
export async function lookFor(d: Deploying, window: Window): Promise<readonly Deployment[]> {
  const { service, place, deps, ending } = d;
  let waited = 0;
  let found: readonly Deployment[] = [];
  for (const at of looksAtMs) {
    await deps.clock.pause(at - waited, ending.signal);
    waited = at;
    const list = (signal: AbortSignal) => service.deployments(place, signal);
    found = within(window, await patiently(d, list, ending.signal));
    if (found.length > 0 || ending.signal.aborted) return found;
  }
  return found;
}

export const windowOf = ({ service }: Deploying, { since, seen }: Asking): Window => ({
  since: since - slackMs,
  seen,
  until: Math.min(service.now(), since + workerMs) + 1000,
});

/** The deployment that a lost request has made, if it has. */
export async function find(
  d: Deploying,
  asking: Asking,
): Promise<{ readonly uuid: string } | Verdict | undefined> {
  try {
    const [first, ...others] = await lookFor(d, {
      ...windowOf(d, asking),
      until: asking.since + workerMs,
    });
    if (others.length > 0) return severalBegan(d, others.length + 1);
    if (first) d.deps.log.info(`Deployment ${first.uuid} has begun since: it is taken for ours`);
    return first;
  } catch (error) {
    return notKnown(d, `whether a deployment was started: ${messageOf(error)}`);
  }
}

export const severalBegan = (d: Deploying, count: number): Verdict =>
  notKnown(d, `which of the ${count} deployments that began meanwhile is ours`);
