import { reasonText, stoppedAs } from '../../ending.ts';
import { messageOf, RemoteError } from '../../errors.ts';
import { nextLook } from '../../pace.ts';
import type { Verdict } from '../target.ts';
import { type Deploying, linkOf, notKnown, patiently } from './deploying.ts';
import { judge } from './judge.ts';
import { createTeller } from './stages.ts';
import { type Execution, isOver } from './wire.ts';

/** Between two looks while Spinnaker ends what we cancelled. */
const hurryMs = 500;

/** Watches one execution to its end. */
export async function follow(d: Deploying, id: string): Promise<Verdict> {
  const { job, service, deps, past } = d;
  const tell = createTeller(d, id);
  const began = deps.clock.now();
  let spent = 0;
  let seen: Execution | undefined;
  for (;;) {
    const followed = deps.clock.now() - began;
    const elapsed = seen?.startedAt ? service.now() - seen.startedAt : followed;
    const sight = { followed, elapsed, spent, percent: undefined, past: past.known() };
    await deps.clock.pause(nextLook(sight), job.signal);
    if (job.signal.aborted) return stop(d, id, tell);
    try {
      seen = await patiently(d, (signal) => service.execution(id, signal), job.signal);
    } catch (error) {
      return job.signal.aborted ? stop(d, id, tell) : lost(d, id, error);
    }
    spent += 1;
    tell(seen);
    if (isOver(seen)) return judge(d, seen);
    past.ask(seen.pipelineId);
  }
}

/** Tells Spinnaker, once, and looks whether it ends in the time that is left. */
async function stop(
  d: Deploying,
  id: string,
  tell: (execution: Execution) => void,
): Promise<Verdict> {
  const { job, service, deps, ending } = d;
  const look = async (): Promise<Execution | undefined> => {
    const seen = await service.execution(id, ending.signal).catch(() => undefined);
    if (seen) tell(seen);
    return seen;
  };
  const last = await look();
  // It has ended before it was told to: that is the truth.
  if (last && isOver(last)) return judge(d, last);
  const said = await cancel(d, id);
  if (!said.isTold) deps.log.warn(said.text);
  let looks = 0;
  while (!ending.signal.aborted) {
    const seen = await look();
    if (seen && isOver(seen)) return judge(d, seen);
    looks += 1;
    if (!said.isTold && looks > 1) break;
    await deps.clock.pause(hurryMs, ending.signal);
  }
  return { outcome: stoppedAs(job.signal), description: said.text, goesOn: linkOf(d, id) };
}

async function cancel(
  { job, service, ending }: Deploying,
  id: string,
): Promise<{ readonly isTold: boolean; readonly text: string }> {
  const { buildUrl } = job.order;
  const reason = `Slipway: ${reasonText(job.signal)}${buildUrl ? ` (${buildUrl})` : ''}`;
  try {
    await service.cancel(id, reason, ending.signal);
    return { isTold: true, text: 'Spinnaker was told to cancel and has not ended yet' };
  } catch (error) {
    return { isTold: false, text: `Spinnaker could not be told to cancel: ${messageOf(error)}` };
  }
}

function lost(d: Deploying, id: string, error: unknown): Verdict {
  // Only what is over can be deleted.
  if (error instanceof RemoteError && error.status === 404) {
    return notKnown(d, `how the deploy ended: Spinnaker does not have execution ${id} any more`);
  }
  const description = `how the deploy ends is not known, for Gate does not let us follow: ${messageOf(error)}`;
  return { outcome: 'error', description, goesOn: linkOf(d, id) };
}
