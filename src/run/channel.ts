import type { Clock } from '../clock.ts';
import { limited } from '../ending.ts';
import { messageOf, RemoteError } from '../errors.ts';
import type { Deployment } from '../forges/forge.ts';
import type { Log } from '../log.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { State, Status } from '../status.ts';

/** One reporter's side of a run: its posts go one after another, and none follows the terminal one. */
export type Channel = {
  readonly reporter: Reporter;
  /** What a forge opened for us. */
  deployment(): Deployment | undefined;
  /** The same as it was before our first word on it. */
  asOpened(): Deployment | undefined;
  /** After a look. Another run's or process's deployment goes on as ours; without one the forge creates it. */
  adopt(deployment: Deployment | undefined): void;
  adopted(): Deployment | undefined;
  /** Opening was begun and cut off: the forge may have made a deployment that we know nothing of. */
  isLost(): boolean;
  open(signal: AbortSignal, until: number): Promise<void>;
  /** Resolves when it is posted, replaced by a later status, or lost (with a warning). */
  say(status: Status, ms: number): Promise<void>;
  /** The terminal status; resolves to whether the audience has it, or will have it from CI. */
  finish(status: Status, ms: number, hurry?: Hurry): Promise<boolean>;
  /** Why the latest of what was asked or said was lost. */
  denied(): RemoteError | undefined;
  /** The audience knows the end already, from an earlier process of this run. */
  knows(state: State): void;
  hasEnded(): boolean;
  /** Somebody else has had the last word there: nothing more is posted. */
  yield(): void;
  hasYielded(): boolean;
  /** The run is over: what is still on its way is cut off. */
  leave(): void;
  /** The last state that arrived. */
  told(): State | undefined;
  /** There has been something to say, whether or not it has arrived yet. */
  isAddressed(): boolean;
  /** The audience has answered at least once, and well. */
  heard(): boolean;
  /** It has answered at least once, be it with a no. */
  answered(): boolean;
  /** Something was asked or said, and there has never been an answer. */
  isDeaf(): boolean;
  /** A look at the forge failed. */
  missed(error: unknown): void;
  /** When the forge last showed us this deployment; ms since the epoch. */
  seenAt(): number;
  reread(signal: AbortSignal, until: number): Promise<Deployment | undefined>;
};

/** When the signal aborts, the try that is under way ends, and one more of so many ms is made. */
export type Hurry = { readonly signal: AbortSignal; readonly ms: number };

/** Of the six seconds after a stop. */
const arrivalMs = 1000;
const leastMs = 1500;

/** The word for a token that may not write. */
export const isDenial = (error: RemoteError | undefined): boolean =>
  (error?.status === 401 || error?.status === 403) && error.kind !== 'unavailable';

export function createChannel(reporter: Reporter, clock: Clock, log: Log): Channel {
  const { paceMs = 0 } = reporter;
  let adopted: Deployment | undefined;
  let opened: Deployment | undefined;
  let seenAt = 0;
  let told: State | undefined;
  let heard = false;
  let refused = false;
  let missing = false;
  /** It may not be told anything: only the end is tried again. */
  let isClosed = false;
  let line: Promise<void> = Promise.resolve();
  let waiting: Status | undefined;
  let inFlight: AbortController | undefined;
  let ended = false;
  let opening = false;
  let asOpened: Deployment | undefined;
  let denied: RemoteError | undefined;
  let yielded = false;
  let holding: AbortController | undefined;
  let hasPosted = false;
  let isAddressed = false;
  /** Before the first post: when the run began. */
  let postedAt = clock.now();

  async function open(signal: AbortSignal, until: number): Promise<void> {
    if (!reporter.forge || opened) return;
    opening = true;
    opened = await reporter.forge.open(adopted, signal, until);
    asOpened = opened;
    seenAt = clock.now();
  }

  const missed = (error: unknown): void => {
    if (error instanceof RemoteError) denied = error;
    missing = true;
    refused ||= error instanceof RemoteError && error.status !== undefined;
  };

  const lossOf = ({ state }: Status, error: unknown): string => {
    const isDoubtful = error instanceof RemoteError && error.unknown;
    const heard = isDoubtful ? 'may not have heard' : 'did not hear';
    return `${reporter.id} ${heard} "${state}": ${messageOf(error)}`;
  };

  async function post(status: Status, signal: AbortSignal, until: number): Promise<void> {
    await open(signal, until);
    hasPosted = true;
    const answer = await reporter.post(status, signal, until).finally(() => {
      postedAt = clock.now();
    });
    heard = true;
    if (answer === 'posted') told = status.state;
    else log.info(`${reporter.id} leaves "${status.state}" to the CI server (final_status)`);
  }

  const leftOfPace = (): number => postedAt + paceMs - clock.now();

  async function hold(): Promise<void> {
    const ms = leftOfPace();
    if (ms <= 0) return;
    holding = new AbortController();
    await clock.pause(ms, holding.signal);
    holding = undefined;
  }

  async function sayNext(ms: number): Promise<void> {
    if (waiting) await hold();
    const status = waiting;
    waiting = undefined;
    if (!status || ended || yielded || isClosed) return;
    inFlight = new AbortController();
    const limit = limited(clock, ms, inFlight.signal);
    try {
      await post(status, limit.signal, limit.until);
    } catch (error) {
      missed(error);
      isClosed ||= !told && isDenial(denied);
      if (!ended) log.warn(lossOf(status, error));
    } finally {
      limit.done();
      inFlight = undefined;
    }
  }

  /** A status that is on its way may still arrive, and then after the last one: better to know. */
  async function settle(): Promise<void> {
    holding?.abort();
    if (inFlight) {
      const over = new AbortController();
      await Promise.race([line, clock.pause(arrivalMs, over.signal)]);
      over.abort();
      inFlight?.abort();
    }
    await line;
  }

  /** The last word; resolves with what kept it from arriving. */
  async function tryToEnd(status: Status, ms: number, signals: AbortSignal[]): Promise<unknown> {
    const limit = limited(clock, ms, ...signals);
    try {
      await post(status, limit.signal, limit.until);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      limit.done();
    }
  }

  return {
    reporter,
    deployment: () => opened,
    asOpened: () => asOpened,
    told: () => told,
    isAddressed: () => isAddressed,
    seenAt: () => seenAt,
    heard: () => heard,
    answered: () => heard || refused,
    isDeaf: () => missing && !heard && !refused,
    missed,
    adopted: () => adopted,
    denied: () => denied,
    knows(state) {
      told = state;
      ended = true;
    },
    hasEnded: () => ended,
    yield() {
      yielded = true;
    },
    hasYielded: () => yielded,
    leave() {
      ended = true;
      holding?.abort();
      inFlight?.abort();
    },
    isLost: () => opening && !opened,
    adopt(deployment) {
      adopted = deployment;
      heard = true;
      seenAt = clock.now();
    },
    open,
    say(status, ms) {
      isAddressed = true;
      waiting = status;
      line = line.then(() => sayNext(ms));
      return line;
    },
    async finish(status, ms, hurry) {
      ended = true;
      const began = clock.now();
      await settle();
      const most = hasPosted ? ms - (clock.now() - began) - leastMs : 0;
      const gap = Math.min(leftOfPace(), most);
      if (gap > 0) await clock.pause(gap, hurry?.signal);
      const left = Math.max(ms - (clock.now() - began), leastMs);
      let fault = await tryToEnd(status, left, hurry ? [hurry.signal] : []);
      if (fault && hurry?.signal.aborted) fault = await tryToEnd(status, hurry.ms, []);
      if (fault) {
        missed(fault);
        log.warn(lossOf(status, fault));
      }
      return fault === undefined;
    },
    async reread(signal, until) {
      if (!reporter.forge || !opened) return undefined;
      opened = await reporter.forge.reread(signal, until);
      heard = true;
      seenAt = clock.now();
      return opened;
    },
  };
}
