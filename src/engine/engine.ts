import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Lease, Store } from '../store/store.ts';
import { carry, type Execute, type Running } from './carry.ts';

export type EngineDeps = {
  readonly store: Store;
  /** Who we are among replicas: unique to this process. */
  readonly owner: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: Execute;
};

/** Takes runs from the store and has them executed, so many at once. */
export type Engine = {
  start(): void;
  /** How many are in progress here. */
  running(): number;
  /**
   * Takes no more; what has not ended after `ms` is handed over with its checkpoint, and what nobody could go on with is
   * ended and says so. Resolves when nothing here touches a run any more. A second call, with 0, hurries the first.
   */
  drain(ms: number): Promise<void>;
};

/** Nobody tells when a lease of somebody else runs out. */
const everyMs = 3000;

export function createEngine(deps: EngineDeps): Engine {
  const { store, owner, concurrency, clock, log } = deps;
  const active = new Map<string, Running>();
  const over = new AbortController();
  const hurry = new AbortController();
  let isTaking = false;
  let isFilling = false;
  let isAsked = false;
  let draining: Promise<void> | undefined;

  /** One claim after another, for as long as there is room and work; a call meanwhile asks for one more round. */
  async function fill(): Promise<void> {
    isAsked = true;
    if (isFilling) return;
    isFilling = true;
    try {
      while (isAsked && isTaking) {
        isAsked = false;
        for (let lease = await claim(); lease; lease = await claim()) take(lease);
      }
    } finally {
      isFilling = false;
    }
  }

  async function claim(): Promise<Lease | undefined> {
    if (!isTaking || active.size >= concurrency) return undefined;
    try {
      return await store.claim(owner);
    } catch (error) {
      log.warn(`No run could be taken: ${messageOf(error)}`);
      return undefined;
    }
  }

  function take(lease: Lease): void {
    const running = carry(lease, deps);
    active.set(lease.run.id, running);
    void running.done.then(() => {
      // It may be here a second time, taken again after its lease had run out.
      if (active.get(lease.run.id) === running) active.delete(lease.run.id);
      void fill();
    });
  }

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      await fill();
      await clock.pause(everyMs, over.signal);
    }
  }

  async function leave(ms: number): Promise<void> {
    isTaking = false;
    const patience = new AbortController();
    const signal = AbortSignal.any([hurry.signal, patience.signal]);
    const all = [...active.values()];
    if (all.length > 0) log.info(`Waiting for the end of ${all.length} in progress`);
    await Promise.race([Promise.all(all.map(({ done }) => done)), clock.pause(ms, signal)]);
    patience.abort();
    await Promise.all([...active.values()].map((running) => running.leave()));
    over.abort();
  }

  return {
    start() {
      isTaking = true;
      const end = store.watch((news) => {
        if (news.what === 'cancel') active.get(news.id)?.heed();
        if (['waiting', 'ended', 'missed'].includes(news.what)) void fill();
      });
      over.signal.addEventListener('abort', end, { once: true });
      void watch();
    },
    running: () => active.size,
    drain(ms) {
      if (ms === 0) hurry.abort();
      draining ??= leave(ms);
      return draining;
    },
  };
}
