import { delayed } from '../clock.ts';
import { limited } from '../ending.ts';
import { messageOf, RemoteError, SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';
import { exitOfRemote, exits } from '../outcome.ts';
import type { State } from '../status.ts';
import { type Channel, createChannel, isDenial } from './channel.ts';
import { nameOf } from './decide.ts';
import { followEcho } from './echo.ts';
import { conclude } from './finish.ts';
import { endingOfPlans, lookAll, lookLate, passable, sweep, takeOver } from './look.ts';
import { visibly } from './patience.ts';
import { recall, remember, takenOver } from './remember.ts';
import { busyNames, type Ended, type RunDeps, type Session, startMs, statusOf } from './session.ts';
import { createBrake, stopOf } from './stop.ts';
import { waitForTurn } from './turn.ts';
import { heartbeat, lookAgain, watch } from './watch.ts';
import { type Ending, endingOf, refusal, words } from './words.ts';
import { work } from './work.ts';

/** Of the six seconds after a stop. */
const creationMs = 1500;

/** Nothing has been asked or said yet. */
export const createSession = (order: Order, deps: RunDeps): Session => ({
  deps,
  order,
  brake: createBrake(deps.clock, deps.timeoutMs, deps.signal),
  channels: deps.reporters.map((each) => {
    // An author who does not require that anybody hears is not kept waiting for it either.
    const reporter = deps.requireStatus ? each : { ...each, required: false };
    return createChannel(reporter, deps.clock, deps.log);
  }),
  results: new Map(),
  environmentUrl: order.environmentUrl,
  predecessor: false,
  alive: [],
  lastProgress: undefined,
  previous: undefined,
  telling: false,
  started: false,
  chores: [],
});

/** One order, carried out and told. Never rejects: whatever happens is an outcome. */
export async function run(order: Order, deps: RunDeps): Promise<Ended> {
  const startedAt = deps.clock.now();
  const session = createSession(order, deps);
  const quiet = new AbortController();
  void heartbeat(session, startedAt, quiet.signal);
  try {
    const known = deps.saved?.ending && (await recall(session, deps.saved.ending));
    const ending = known ?? (await carryOut(session));
    if (session.brake.stopped() && ending.tell === 'terminal') await lookLate(session);
    if (known || (await remember(session, ending)))
      return await conclude(session, ending, startedAt);
    return await conclude(session, takenOver, startedAt);
  } finally {
    quiet.abort();
    session.brake.release();
    for (const channel of session.channels) channel.leave();
  }
}

const notKnown = 'an earlier process had begun, and whether that goes on is not known';

/** What an earlier process had begun is stopped at the target, also where this one is told to stop on its way there. */
async function carryOut(s: Session): Promise<Ending> {
  const ending = await proceed(s).catch((error: unknown) => endingOfError(s, error));
  if (!s.brake.stopped() || s.started || !s.deps.saved?.checkpoint) return ending;
  return work(s).catch((error: unknown) => {
    const early = endingOfError(s, error);
    return { ...early, description: `${early.description}; ${notKnown}` };
  });
}

async function proceed(s: Session): Promise<Ending> {
  const plans = await lookAll(s);
  const early = endingOfPlans(s, plans);
  if (early) return early;
  const echo = plans.find(({ plan }) => plan.go === 'echo');
  if (echo?.plan.go === 'echo') {
    const followed = followEcho(s, echo.channel, echo.plan.original);
    // The deployment is the original's: whatever happens to the echo, nothing is posted there.
    return { ...(await followed.catch((error) => endingOfError(s, error))), tell: 'nothing' };
  }

  for (const { channel, plan } of plans) takeOver(s, channel, plan);
  for (const channel of s.channels) s.chores.push(sweep(s, channel));
  if (s.alive.length > 0 && s.deps.whenBusy === 'refuse') {
    return refusal(`${busyNames(s)} is still open and may be alive (when_busy: refuse)`);
  }
  await openAll(s);
  const queued = sayAll(s, 'queued', words.queued(s.order));
  const waits = s.deps.whenBusy === 'wait' && s.alive.length > 0;
  const isKnown = s.channels.some((channel) => channel.adopted());
  // Where it waits for nobody, and nobody can have ended it yet, each audience goes on at its own speed.
  if (waits || isKnown) {
    await queued;
    mustBeHeard(s);
  }
  const watching = new AbortController();
  void watch(s, watching.signal);
  try {
    const turn = waits ? await waitForTurn(s) : undefined;
    if (turn) return turn;
    await lookAgain(s, ({ isDeaf }) => !isDeaf());
    await sayAll(s, 'in_progress', words.started(s.order));
    mustBeHeard(s);
    const stopped = s.brake.stopped();
    return stopped ? endingOf(stopped, s.deps.timeoutMs) : await work(s);
  } finally {
    watching.abort();
  }
}

export async function openAll(s: Session): Promise<void> {
  await Promise.all(
    s.channels.map(async (channel) => {
      // Who did not answer will hardly answer now: what is said there opens it.
      if (s.brake.stopped() || channel.isDeaf()) return;
      const ms = startMs * 3;
      // A creation that is cut off may have been made all the same, and nobody would know which it is.
      const stopping = delayed(s.deps.clock, creationMs, s.brake.signal);
      const limit = limited(s.deps.clock, ms, stopping.signal);
      const opening = channel.open(limit.signal, limit.until);
      try {
        await visibly(s.deps, `${channel.reporter.id} is not open yet`, ms, opening);
        const deployment = channel.deployment();
        if (deployment) s.deps.note?.({ deployment });
        if (deployment?.url) s.deps.log.info(`${nameOf(deployment)}: ${deployment.url}`);
      } catch (error) {
        channel.missed(error);
        if (s.brake.stopped() || !passable(channel, error)) throw error;
        s.deps.log.warn(`${channel.reporter.id} is not open yet: ${messageOf(error)}`);
      } finally {
        limit.done();
        stopping.done();
      }
    }),
  );
}

/** A token that may read and not write shows at the first status: before the deploy, not after it. */
function mustBeHeard(s: Session): void {
  for (const channel of s.channels) {
    const denied = channel.denied();
    const isNeeded = isDenial(denied) && !channel.told() && !passable(channel, denied);
    if (isNeeded && !s.brake.stopped()) throw denied;
  }
}

/** A stop ends the wait; what was posted by then is followed by the terminal status. */
export async function sayAll(s: Session, state: State, description: string): Promise<void> {
  if (s.brake.stopped()) return;
  const speaking = s.channels.filter((channel) => !stands(s, channel, state));
  const said = Promise.all(
    speaking.map(async (channel) => {
      const saying = channel.say(statusOf(s, state, description), startMs);
      if (channel.reporter.required && !channel.isDeaf()) await saying;
    }),
  );
  await Promise.race([said, stopOf(s.brake)]);
  if (s.channels.some((channel) => channel.told() === state)) s.deps.note?.({ state });
}

/** An earlier process of this run has said so already, and nobody has spoken since. */
function stands({ order }: Session, channel: Channel, state: State): boolean {
  const last = channel.isAddressed() ? undefined : channel.asOpened()?.statuses[0];
  return last?.state === state && last.marker?.key === order.runKey && !last.marker.closure;
}

function endingOfError(s: Session, error: unknown): Ending {
  const stopped = s.brake.stopped();
  if (stopped) {
    const ending = endingOf(stopped, s.deps.timeoutMs);
    // Whom all the time was spent on.
    const why = stopped.kind === 'timeout' && error instanceof RemoteError;
    return why ? { ...ending, description: `${ending.description}: ${error.message}` } : ending;
  }
  if (error instanceof SettingsError) {
    return {
      outcome: 'error',
      exit: exits.settings.code,
      tell: 'terminal',
      description: error.faults.map(({ name, message }) => `${name} ${message}`).join('; '),
    };
  }
  if (error instanceof RemoteError) {
    const isTold = s.channels.some((channel) => channel.told());
    // 409 and 202: the forge's own guards said no to a creation.
    if (!isTold && (error.status === 409 || error.status === 202)) return refusal(error.message);
    const exit = exitOfRemote[error.kind];
    return { outcome: 'error', exit, tell: 'terminal', description: error.message };
  }
  s.deps.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return {
    outcome: 'error',
    exit: exits.bug.code,
    tell: 'terminal',
    description: 'A bug in Slipway ended the run',
  };
}
