import { type Clock, systemClock } from '../../src/clock.ts';
import type { NewRun, Run } from '../../src/store/run.ts';
import type {
  Acceptance,
  Intake,
  Lease,
  Store,
  StoreDeps,
  StoreOptions,
} from '../../src/store/store.ts';
import { type Notes, takeNotes } from '../support/notes.ts';

export type Open = (deps: StoreDeps, options?: Partial<StoreOptions>) => Promise<Store>;

/** A place for data, in which stores are opened. */
export type Ground = {
  readonly open: Open;
  /** A store of another replica on the same data; where there can be none, the same store. */
  peer(store: Store, deps: StoreDeps): Promise<Store>;
  /** The process of this store dies while it holds leases; resolves with another that can see its runs. */
  outlive(store: Store, deps: StoreDeps): Promise<Store>;
  end(): Promise<void>;
};

export type Scene = {
  readonly store: Store;
  readonly deps: StoreDeps;
  readonly notes: Notes;
  readonly ground: Ground;
  peer(): Promise<Store>;
  /** The store's process has died. */
  outlive(): Promise<Store>;
};

export const sceneDeps = (): { readonly deps: StoreDeps; readonly notes: Notes } => {
  const notes = takeNotes();
  return { deps: { clock: systemClock, log: notes }, notes };
};

export const newRun = (changes: Partial<NewRun> = {}): NewRun => ({
  deployment: 'hello-production',
  slot: 'octo/hello production',
  repo: 'octo/hello',
  environment: 'production',
  task: 'deploy',
  source: 'api',
  request: {},
  ...changes,
});

export const intake = (run: Partial<NewRun> = {}, rest: Partial<Intake> = {}): Intake => ({
  run: newRun(run),
  busy: 'queue',
  ...rest,
});

export async function accepted(
  store: Store,
  run: Partial<NewRun> = {},
  rest: Partial<Intake> = {},
): Promise<Run> {
  const acceptance: Acceptance = await store.accept(intake(run, rest));
  if (acceptance.outcome !== 'accepted') throw new Error(`the run was ${acceptance.outcome}`);
  return acceptance.run;
}

export async function claimed(store: Store, owner = 'test'): Promise<Lease> {
  const lease = await store.claim(owner);
  if (!lease) throw new Error('there is no run to claim');
  return lease;
}

/** Asks until this run is given, as an engine does; takes whatever is given before. */
export async function claimedSoon(store: Store, id: string, owner = 'test'): Promise<Lease> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    const lease = await store.claim(owner);
    if (lease?.run.id === id) return lease;
    if (!lease) await systemClock.pause(50);
  }
  throw new Error('the run could not be claimed within 20 s');
}

/** Real time, moved at will. */
export function movedClock(): Clock & { move(ms: number): void } {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    pause: systemClock.pause,
    move: (ms) => {
      ahead += ms;
    },
  };
}
