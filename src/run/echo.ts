import type { Deployment } from '../forges/forge.ts';
import type { Channel } from './channel.ts';
import { isOpen, nameOf } from './decide.ts';
import { type Session, turnMs } from './session.ts';
import { type Ending, endingOf } from './words.ts';

/** The deployment that started this build was created by another run of ours: that one deploys, we only wait. */
export async function followEcho(
  s: Session,
  channel: Channel,
  original: Deployment,
): Promise<Ending> {
  const { clock, log } = s.deps;
  log.info(
    `${nameOf(original)} was created by a run that deploys it; this build is its echo and waits for the end`,
  );
  await channel.open(s.brake.signal, s.brake.deadline);
  for (let now = original; ; ) {
    const last = now.statuses[0];
    if (last && !isOpen(now)) return endingOfEcho(now, last.state);
    const forgeNow = clock.now() + (channel.reporter.forge?.ahead() ?? 0);
    if (now.owner && forgeNow > now.owner.expiry) return endingOfEcho(now, 'killed');
    await clock.pause(turnMs, s.brake.signal);
    const stopped = s.brake.stopped();
    if (stopped) return { ...endingOf(stopped, s.deps.timeoutMs), tell: 'nothing' };
    now = (await channel.reread(s.brake.signal, s.brake.deadline).catch(() => undefined)) ?? now;
  }
}

function endingOfEcho(original: Deployment, state: string): Ending {
  const outcome = state === 'success' ? 'nothing_to_do' : state === 'failure' ? 'failure' : 'error';
  return {
    outcome,
    tell: 'nothing',
    description: `The original of this echo, ${nameOf(original)}, ended as ${state}`,
  };
}
