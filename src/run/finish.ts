import { delayed } from '../clock.ts';
import { limited } from '../ending.ts';
import { messageOf } from '../errors.ts';
import type { Deployment } from '../forges/forge.ts';
import { exitOf, exits, type Outcome } from '../outcome.ts';
import type { End, State } from '../status.ts';
import type { Channel } from './channel.ts';
import { nameOf } from './decide.ts';
import { endPatience, visibly } from './patience.ts';
import { type Ended, type Session, startMs, statusOf } from './session.ts';
import { type Ending, lineOf, words } from './words.ts';

/** After a stop, everything is over within this time: CI systems kill after ten seconds. */
export const lastWordsMs = 6000;
/** An answer that is on its way when the stop comes has this long. */
const answerMs = 1000;

export async function conclude(s: Session, ending: Ending, startedAt: number): Promise<Ended> {
  const { clock } = s.deps;
  const lost = ending.tell === 'nothing' ? [] : await tellEnd(s, ending, startedAt);
  if (ending.outcome === 'success') {
    for (const { channel, deployment } of s.alive) {
      s.chores.push(close(s, channel, deployment, words.overtaken));
    }
  }
  const over = new AbortController();
  const patience = clock.pause(startMs, over.signal);
  await Promise.race([Promise.all(s.chores), patience]);
  over.abort();
  const required = s.channels.filter(
    ({ reporter }) => reporter.required && lost.includes(reporter.id),
  );
  const lostExit = ending.outcome === 'success' && required.length > 0;
  const of = (id: string): Channel | undefined =>
    s.channels.find(({ reporter }) => reporter.id === id);
  const forge = s.channels.find((channel) => channel.deployment() ?? channel.adopted());
  return {
    outcome: ending.outcome,
    exit: lostExit ? exits.statusLost.code : (ending.exit ?? exitOf[ending.outcome]),
    description: lineOf(s.deps.redact(ending.description)),
    order: s.order,
    deployment: forge?.deployment() ?? forge?.adopted(),
    state: forge?.told(),
    environmentUrl: s.environmentUrl,
    results: s.results,
    lost,
    unsure: lost.filter((id) => of(id)?.denied()?.unknown),
    unreached: s.channels
      .filter(({ reporter, answered }) => reporter.forge && !answered())
      .map(({ reporter }) => reporter.id),
    startedAt,
    endedAt: clock.now(),
  };
}

const hidesUrl = new Set<Outcome>([
  'failure',
  'error',
  'timed_out',
  'cancelled',
  'superseded',
  'refused',
]);

/** What an audience is told of an end. */
export const stateOf = ({ outcome }: Ending): State =>
  outcome === 'refused' ? 'inactive' : (outcome as State);

/** Ids of the reporters whose audience was not reached. */
async function tellEnd(s: Session, ending: Ending, startedAt: number): Promise<readonly string[]> {
  const { clock } = s.deps;
  s.telling = true;
  const stoppedAt = s.brake.stoppedAt();
  const hurries = ['signal', 'timeout', 'shutdown'].includes(s.brake.stopped()?.kind ?? '');
  const ms =
    stoppedAt === undefined || !hurries
      ? Math.max(30_000, s.brake.deadline - clock.now())
      : Math.max(1500, stoppedAt + lastWordsMs - clock.now());
  const end: End = {
    tookMs: clock.now() - startedAt,
    tail: s.deps.tail?.() ?? '',
    ...(s.previous ? { previous: s.previous } : {}),
  };
  const status = { ...statusOf(s, stateOf(ending), ending.description), end };
  const { environmentUrl: _, ...without } = status;
  const audience = s.channels.filter(
    (channel) =>
      !channel.hasEnded() &&
      // A person's word stands, unless the new version serves all the same.
      !(channel.hasYielded() && ending.outcome !== 'success') &&
      (s.started || isWaiting(channel)),
  );
  const stopping = stoppedAt === undefined ? delayed(clock, answerMs, s.brake.signal) : undefined;
  const hurry = stopping && { signal: stopping.signal, ms: lastWordsMs - 2 * answerMs };
  const told = await Promise.all(
    audience.map(async (channel) => {
      const last = hidesUrl.has(ending.outcome) ? without : status;
      const { id } = channel.reporter;
      const patience = Math.min(ms, endPatience(channel, s.deps));
      const waiting = `the deploy is over (${ending.outcome}), and ${id} has not taken that yet`;
      const told = visibly(s.deps, waiting, patience, channel.finish(last, patience, hurry));
      return (await told) ? [] : [id];
    }),
  );
  stopping?.done();
  return told.flat();
}

/** Whether the audience knows of this run, or is about to: at a forge that shows. */
const isWaiting = (channel: Channel): boolean =>
  channel.reporter.forge
    ? Boolean(channel.deployment() ?? channel.adopted() ?? channel.told())
    : channel.isAddressed();

/** Ends another run's deployment, with its own marker. */
export async function close(
  s: Session,
  channel: Channel,
  deployment: Deployment,
  description: string,
): Promise<void> {
  const limit = limited(s.deps.clock, startMs);
  const { forge, memory } = channel.reporter;
  try {
    await (forge ?? memory)?.close(
      deployment,
      { state: 'error', description },
      limit.signal,
      limit.until,
    );
  } catch (error) {
    s.deps.log.warn(`${nameOf(deployment)} could not be closed: ${messageOf(error)}`);
  } finally {
    limit.done();
  }
}
