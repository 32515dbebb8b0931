import type { Clock } from '../clock.ts';
import { messageOf, type Stop } from '../errors.ts';
import type { Log } from '../log.ts';
import type { News, Store, Telling } from '../store/store.ts';

/** A run that is taken at once says so itself. */
const patienceMs = 1000;
/** Who has not heard of an end by then has looked for it elsewhere. */
const pastMs = 24 * 3_600_000;
/** What a process that is gone did not tell any more, and what could not be told. */
const everyMs = 20_000;
const againMs = 5 * 60_000;
/** Thousands may wait, and each is several requests to a forge. */
const mostAtOnce = 4;
/** For the last words of an end. */
const lastMs = 1000;

const yielded: Stop = { kind: 'shutdown' };

export type TellersDeps = {
  readonly store: Store;
  /** Who we are among replicas: unique to this process. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Names of the deployments of which anybody wants to hear. */
  heard(): readonly string[];
  /** Says how a run stands; `signal.reason` is a Stop. Rejects where nobody could be told. */
  tell(telling: Telling, signal: AbortSignal): Promise<void>;
};

type Due = { readonly id: string; readonly at: number };
type Saying = { readonly done: Promise<void>; stop(): void };

/** Has forges told of runs that nobody executes. Returns what ends it. */
export function startTellers(deps: TellersDeps): () => Promise<void> {
  const { store, owner, leaseMs, clock, log, heard, tell } = deps;
  const over = new AbortController();
  const saying = new Map<string, Saying>();
  const line: Due[] = [];
  let tellers = 0;

  async function claim(id: string): Promise<Telling | undefined> {
    const known = await store.runs.get(id);
    const isHeard = known !== undefined && heard().includes(known.deployment);
    return isHeard ? store.tellings.claim(id, owner) : undefined;
  }

  /** For as long as it takes; whoever dies meanwhile loses it. */
  async function keep({ renew }: Telling, stop: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.pause(leaseMs / 3, signal);
      const isOurs = signal.aborted || (await renew().catch(() => true));
      if (!isOurs) stop();
    }
  }

  async function say(id: string, stopping: AbortController): Promise<void> {
    const stop = (): void => stopping.abort(yielded);
    const told = new AbortController();
    let telling: Telling | undefined;
    try {
      telling = over.signal.aborted ? undefined : await claim(id);
      if (!telling) return;
      void keep(telling, stop, told.signal);
      await tell(telling, stopping.signal);
      await (stopping.signal.aborted ? telling.release(0) : telling.done());
    } catch (error) {
      const isStopped = stopping.signal.aborted;
      if (!isStopped) {
        log.warn(`The forge may not know how run ${id} stands: ${messageOf(error)}`, { run: id });
      }
      await telling?.release(isStopped ? 0 : againMs).catch(() => {});
    } finally {
      told.abort();
    }
  }

  /** What is on its way must not arrive after the last word. */
  async function sayNext(id: string): Promise<void> {
    for (let before = saying.get(id); before; before = saying.get(id)) await before.done;
    const stopping = new AbortController();
    const done = say(id, stopping).finally(() => saying.delete(id));
    saying.set(id, { done, stop: () => stopping.abort(yielded) });
    await done;
  }

  async function sayInTurn(): Promise<void> {
    tellers += 1;
    for (let due = line.shift(); due && !over.signal.aborted; due = line.shift()) {
      // A clock that was set back is not waited for.
      const wait = Math.min(Math.max(due.at - clock.now(), 0), patienceMs);
      await clock.pause(wait, over.signal);
      await sayNext(due.id);
    }
    tellers -= 1;
  }

  function add(id: string, ms: number): void {
    line.push({ id, at: clock.now() + ms });
    if (tellers < mostAtOnce) void sayInTurn();
  }

  /** A run that is taken speaks for itself from then on. */
  async function yieldTo(id: string): Promise<void> {
    const known = await store.runs.get(id).catch(() => undefined);
    if (known && known.status !== 'QUEUED') saying.get(id)?.stop();
  }

  async function look(): Promise<void> {
    // Whoever is in the line is not told of yet, and would be found once more.
    if (line.length > 0) return;
    try {
      const due = await store.tellings.due(heard(), clock.now() - pastMs);
      for (const id of due) if (!saying.has(id)) add(id, 0);
    } catch (error) {
      log.warn(`Untold runs could not be listed: ${messageOf(error)}`);
    }
  }

  async function lookAgain(): Promise<void> {
    await clock.pause(patienceMs, over.signal);
    while (!over.signal.aborted) {
      await look();
      await clock.pause(everyMs, over.signal);
    }
  }

  function hear(news: News): void {
    if (news.what === 'missed' || news.what === 'log' || news.what === 'cancel') return;
    if (saying.has(news.id)) void yieldTo(news.id);
    if (news.what !== 'changed') add(news.id, patienceMs);
  }

  const end = store.watch(hear);
  void lookAgain();
  return async () => {
    end();
    over.abort();
    const all = [...saying.values()];
    for (const { stop } of all) stop();
    const late = new AbortController();
    const done = Promise.all(all.map((each) => each.done));
    await Promise.race([done, clock.pause(lastMs, late.signal)]);
    late.abort();
  };
}
