import { lookAt, planFor, takeOver } from './look.ts';
import { busyNames, type Session, turnMs } from './session.ts';
import { type Ending, endingOf } from './words.ts';

/** Waits until no older run may be alive; undefined when it is our turn. */
export async function waitForTurn(s: Session): Promise<Ending | undefined> {
  while (s.alive.length > 0) {
    s.deps.log.info(`waiting for ${busyNames(s)} (when_busy: wait)`);
    await s.deps.clock.pause(turnMs, s.brake.signal);
    const stopped = s.brake.stopped();
    if (stopped) return endingOf(stopped, s.deps.timeoutMs);
    const plans = await Promise.all(
      s.channels.map(async (channel) => {
        const look = await lookAt(s, channel);
        const own = channel.deployment()?.id;
        const others = look?.others.filter((other) => other.id !== own) ?? [];
        const again = { adopted: undefined, others };
        return { channel, plan: planFor(s.order, again, channel.reporter.forge, s.deps) };
      }),
    );
    const newer = plans.find(({ plan }) => plan.go === 'stop');
    if (newer?.plan.go === 'stop') {
      return {
        outcome: 'superseded',
        description: `Superseded: ${newer.plan.reason}`,
        tell: 'terminal',
      };
    }
    s.alive = [];
    for (const { channel, plan } of plans) takeOver(s, channel, plan);
  }
  return undefined;
}
