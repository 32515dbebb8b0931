import { isDeep } from '../depth.ts';
import { limited } from '../ending.ts';
import { messageOf, RemoteError } from '../errors.ts';
import type { Deployment, Forge, Look } from '../forges/forge.ts';
import { markerOf } from '../identity.ts';
import type { Order } from '../order.ts';
import type { State } from '../status.ts';
import type { Channel } from './channel.ts';
import { decide, isOpen, nameOf, type Plan } from './decide.ts';
import { close } from './finish.ts';
import { lookPatience, visibly } from './patience.ts';
import { orphanText, planText } from './plan-text.ts';
import { busyNames, type RunDeps, type Session } from './session.ts';
import { type Ending, refusal, words } from './words.ts';

/** Of the six seconds after a stop. */
const lateMs = 2500;
const lateEveryMs = 500;

export type Planned = { readonly channel: Channel; readonly plan: Plan };

export async function lookAll(s: Session): Promise<readonly Planned[]> {
  const looks = s.channels.map(async (channel): Promise<Planned | undefined> => {
    const look = await lookAt(s, channel);
    if (!look) return undefined;
    const plan = planFor(s.order, look, channel.reporter.forge, s.deps);
    if (look.adopted && plan.go !== 'stop') adoptOrder(s, look.adopted);
    s.previous ??= previousEnd(s, look);
    for (const line of planText(plan, look)) s.deps.log.debug(`${channel.reporter.id}: ${line}`);
    channel.adopt(plan.go === 'on' ? plan.adopt : look.adopted);
    return { channel, plan };
  });
  return (await Promise.all(looks)).filter((planned) => planned !== undefined);
}

/** How the slot's last deploy before this run's ended; what was replaced since had succeeded. */
function previousEnd({ order }: Session, { others }: Look): State | undefined {
  const past = others.filter((other) => other.owner?.key !== order.runKey && !isOpen(other));
  const ends = past.map(({ statuses }) => statuses.find(({ state }) => isVerdict(state))?.state);
  return ends.find((state) => state !== undefined) as State | undefined;
}

const isVerdict = (state: string): boolean => ['success', 'failure', 'error'].includes(state);

/** Decides by the forge's clock: it is the one that all runs can see. */
export function planFor(
  order: Order,
  look: Look,
  forge: Forge | undefined,
  { clock, supersede, isFirst }: Pick<RunDeps, 'clock' | 'supersede' | 'isFirst'>,
): Plan {
  const ahead = forge?.ahead() ?? 0;
  const plan = decide(order, markerOf(order, ahead), look, supersede, clock.now() + ahead);
  return plan.go === 'on' && isFirst ? { ...plan, predecessor: false } : plan;
}

/** undefined: the forge cannot be read now; the deploy goes on without its advice. */
export async function lookAt(s: Session, channel: Channel): Promise<Look | undefined> {
  const { forge, id } = channel.reporter;
  if (!forge) return undefined;
  const ms = lookPatience(channel, s.order.deploymentId !== undefined, s.deps);
  const limit = limited(s.deps.clock, ms, s.brake.signal);
  const looking = forge.look(limit.signal, limit.until);
  try {
    return await visibly(s.deps, `${id} does not answer yet`, ms, looking);
  } catch (error) {
    channel.missed(error);
    if (s.brake.stopped() || !passable(channel, error)) throw error;
    s.deps.log.warn(
      `${id} could not look for other runs, and goes on without: ${messageOf(error)}`,
    );
    return undefined;
  } finally {
    limit.done();
  }
}

/** A fault that may pass, or of a reporter that nobody requires, does not keep a deploy from going on. */
export const passable = (channel: Channel, error: unknown): boolean =>
  error instanceof RemoteError && (error.kind === 'unavailable' || !channel.reporter.required);

function adoptOrder(s: Session, adopted: Deployment): void {
  const { order } = s;
  const { log } = s.deps;
  if (isDeep(adopted.payload)) {
    const message = `${nameOf(adopted)} cannot be deployed: its payload is nested deeper than 100 levels`;
    throw new RemoteError(message, { kind: 'refused' });
  }
  s.order = adoptedOrder(order, adopted);
  s.deps.note?.({ order: s.order });
  const { task, commit = '', environment } = s.order;
  const built = order.commit?.toLowerCase();
  const theirs =
    built === undefined || built === commit ? '' : `, and not the build's own ${built}`;
  const text = `adopting ${nameOf(adopted)}: ${task} of ${commit} to ${environment}${theirs}`;
  if (theirs && order.deploymentId && order.tree === undefined) log.warn(text);
  else log.info(text);
}

/** An adopted deployment says what is to be deployed: it wins over what CI says of itself. */
export function adoptedOrder(order: Order, adopted: Deployment): Order {
  const payload = Object.fromEntries(
    Object.entries(adopted.payload).filter(([key]) => !key.startsWith('slipway_')),
  );
  return {
    ...order,
    environment: order.written.environment ?? adopted.environment,
    commit: order.written.commit ?? adopted.sha,
    task: adopted.task ?? order.task,
    payload,
  };
}

/** A stop came before a deployment was opened: what stands open in our name must still hear the end. */
export async function lookLate(s: Session): Promise<void> {
  const { clock } = s.deps;
  const limit = limited(clock, lateMs);
  const looks = s.channels.map(async (channel) => {
    const isKnown = channel.adopted() || channel.deployment();
    if (isKnown || (channel.seenAt() > 0 && !channel.isLost())) return;
    await adoptLate(s, channel, limit);
    if (!channel.isLost()) return;
    // What a cut-off request makes may show up late.
    while (!channel.adopted() && !limit.signal.aborted) {
      await clock.pause(lateEveryMs, limit.signal);
      await adoptLate(s, channel, limit);
    }
    if (!channel.adopted()) s.deps.log.warn(words.maybeMade(channel.reporter.id));
  });
  await Promise.all(looks);
  limit.done();
}

async function adoptLate(
  s: Session,
  channel: Channel,
  { signal, until }: { readonly signal: AbortSignal; readonly until: number },
): Promise<void> {
  const look = await channel.reporter.forge?.look(signal, until).catch(() => undefined);
  if (look) channel.adopt(ownOf(s, channel, look));
}

/** What of a look an end of ours may be told on: never a deployment that we may not go on with. */
export function ownOf(s: Session, { reporter }: Channel, look: Look): Deployment | undefined {
  const plan = planFor(s.order, look, reporter.forge, s.deps);
  if (plan.go === 'on') return plan.adopt;
  return plan.go === 'stop' && plan.outcome === 'superseded' ? look.adopted : undefined;
}

/** The strictest plan of any forge ends the run before anything is changed. */
export function endingOfPlans(_s: Session, plans: readonly Planned[]): Ending | undefined {
  const stops = plans.flatMap(({ plan }) => (plan.go === 'stop' ? [plan] : []));
  const stop = stops.find(({ outcome }) => outcome === 'refused') ?? stops[0];
  if (!stop) return undefined;
  if (stop.outcome === 'refused') return refusal(stop.reason);
  return {
    outcome: 'superseded',
    description: `Superseded before anything was changed: ${stop.reason}`,
    tell: 'terminal',
  };
}

export function takeOver(s: Session, channel: Channel, plan: Plan): void {
  if (plan.go !== 'on') return;
  const { log } = s.deps;
  s.predecessor ||= plan.predecessor;
  for (const stranger of plan.strangers) {
    log.warn(`${nameOf(stranger)} is open too and not of Slipway; it is left alone`);
  }
  for (const deployment of plan.alive) s.alive.push({ channel, deployment });
  if (plan.alive.length > 0 && s.deps.whenBusy === 'proceed') {
    log.warn(
      `${busyNames(s)} is still open: another run may be deploying right now (when_busy: proceed)`,
    );
  }
  for (const orphan of plan.orphans) {
    log.info(`closing ${orphanText(orphan)}`);
    s.chores.push(close(s, channel, orphan, words.orphan));
  }
}

/** Ends what killed runs of the slot left at an audience that is no forge. */
export async function sweep(s: Session, channel: Channel): Promise<void> {
  const { memory, id } = channel.reporter;
  if (!memory) return;
  const { clock, log } = s.deps;
  const { environment, component } = s.order;
  const limit = limited(clock, lookPatience(channel, false, s.deps), s.brake.signal);
  try {
    const open = await memory.survey({ environment, component }, limit.signal, limit.until);
    const now = clock.now() + memory.ahead();
    for (const one of open.filter(({ owner }) => owner && now > owner.expiry)) {
      const closing = memory.close(
        one,
        { state: 'error', description: words.orphan },
        limit.signal,
      );
      await closing.catch((error: unknown) => {
        // What somebody else has written in our likeness must not keep ours open.
        if (!(error instanceof RemoteError) || error.kind === 'unavailable') throw error;
        log.debug(`${id}: ${nameOf(one)} could not be closed: ${error.message}`);
      });
    }
  } catch (error) {
    log.debug(`${id} was not looked through for killed runs: ${messageOf(error)}`);
  } finally {
    limit.done();
  }
}
