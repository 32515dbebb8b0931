import { type Deployment, isTerminal } from '../reporters/reporter.ts';
import { nameOf } from './decide.ts';
import type { Session } from './session.ts';
import { limited } from './stop.ts';
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
export async function lookAgain(s: Session): Promise<void> {
  const { clock, log } = s.deps;
  await Promise.all(
    s.channels.map(async (channel) => {
      if (!channel.deployment() || clock.now() - channel.seenAt() < freshMs) return;
      const limit = limited(clock, lookMs, s.brake.signal);
      const now = await channel.reread(limit.signal, limit.until).catch((error: Error) => {
        log.debug(`${channel.reporter.id} could not look again: ${error.message}`);
        return undefined;
      });
      limit.done();
      const reason = now && interference(s, now);
      if (reason) s.brake.pull({ kind: 'person', reason });
    }),
  );
}

/** Whether somebody else holds the last word on this deployment. */
export function interference(s: Session, now: Deployment): string | undefined {
  const last = now.statuses[0];
  if (!last || !isTerminal(last.state) || last.marker) return undefined;
  // CI servers post on the same deployment, and at the end of one workflow of several.
  const { buildUrl } = s.order;
  if (last.state === 'success' || (buildUrl && last.link?.startsWith(buildUrl))) return undefined;
  return `Somebody ended ${nameOf(now)} as ${last.state}${last.description ? `: ${last.description}` : ''}`;
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
