import { limited } from '../ending.ts';
import type { Deployment, Posted } from '../forges/forge.ts';
import { isTerminal } from '../status.ts';
import type { Channel } from './channel.ts';
import { nameOf } from './decide.ts';
import type { Session } from './session.ts';
import { words } from './words.ts';

const everyMs = 30_000;
const lookMs = 10_000;
/** A look this young is as good as a new one: a forge cannot be asked and changed in one step anyway. */
const freshMs = 2000;

/** Looks again every 30 s whether somebody ended our deployment. */
export async function watch(s: Session, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await s.deps.clock.pause(everyMs, signal);
    if (!signal.aborted) await lookAgain(s);
  }
}

/** Pulls the brake when a person ended the deployment. A forge that cannot be read now is no reason to stop. */
export async function lookAgain(
  s: Session,
  isMeant: (channel: Channel) => boolean = () => true,
): Promise<void> {
  const { clock, log } = s.deps;
  await Promise.all(
    s.channels.filter(isMeant).map(async (channel) => {
      if (!channel.deployment() || clock.now() - channel.seenAt() < freshMs) return;
      const limit = limited(clock, lookMs, s.brake.signal);
      const now = await channel.reread(limit.signal, limit.until).catch((error: Error) => {
        log.debug(`${channel.reporter.id} could not look again: ${error.message}`);
        return undefined;
      });
      limit.done();
      const end = now && foreignEnd(s, channel.asOpened()?.statuses[0], now);
      if (!end) return;
      // Unless a status of ours has been posted over theirs since.
      if (isTerminal(now.statuses[0]?.state)) channel.yield();
      const why = end.description ? `: ${end.description}` : '';
      const reason = `Somebody ended ${nameOf(now)} as ${end.state}${why}`;
      s.brake.pull({ kind: 'person', reason });
    }),
  );
}

/** The word of somebody who has ended this deployment since we opened it: `known` was its newest status then. */
function foreignEnd(s: Session, known: Posted | undefined, now: Deployment): Posted | undefined {
  const { statuses } = now;
  const old = statuses.findIndex(({ at, state }) => at === known?.at && state === known.state);
  const isFar = known !== undefined && old < 0;
  const since = isFar ? statuses.slice(0, 1) : statuses.slice(0, old < 0 ? undefined : old);
  return since.find((status) => isForeignEnd(s, status));
}

function isForeignEnd({ order: { buildUrl } }: Session, status: Posted): boolean {
  if (!isTerminal(status.state) || status.marker) return false;
  // CI servers post on the same deployment, and at the end of one workflow of several.
  return status.state !== 'success' && !(buildUrl && status.link?.startsWith(buildUrl));
}

/** A line at least this often, for CI systems kill silent jobs. */
export async function heartbeat(s: Session, startedAt: number, signal: AbortSignal): Promise<void> {
  const { clock, log, heartbeatMs } = s.deps;
  while (!signal.aborted) {
    const silence = clock.now() - log.spokeAt();
    await clock.pause(Math.max(heartbeatMs - silence, 1000), signal);
    if (signal.aborted || clock.now() - log.spokeAt() < heartbeatMs) continue;
    const ms = clock.now() - startedAt;
    log.info(s.telling ? words.telling(ms) : words.still(s.order, ms, s.lastProgress));
  }
}
