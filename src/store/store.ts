import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Checkpoint, Json } from '../targets/target.ts';
import type { Cancel, NewRun, Run, RunChange, RunEnd, RunEvent, RunStatus } from './run.ts';

/**
 * Everything that `slipway serve` must not forget. Two stores keep this contract: SQLite in one directory for one
 * process, and PostgreSQL for any number of replicas. Every promise that resolves without an error is durable, and
 * every method rejects with a StoreError where the store itself fails.
 */
export interface Store {
  /** Takes a run in. Resolves when it is on disk, so that a 202 can be said; all of a moment share one fsync. */
  accept(intake: Intake): Promise<Acceptance>;
  /**
   * Ends a waiting run at once; tells the owner of a running one, at once by `watch` and at the latest by its next
   * `renew`. Does nothing to a run that is over. The run as it is after that; undefined for an id that is not known,
   * of which nothing is remembered, so that a run that comes later is not touched.
   */
  cancel(id: string, by: string, reason?: string): Promise<Run | undefined>;
  /**
   * The oldest run that may go on: one whose owner is gone, or one that waits while its slot is free. Undefined when
   * there is none. Ask at every `waiting`, `ended` and `missed` of `watch`, and every few seconds besides: nobody
   * tells when a lease runs out.
   */
  claim(owner: string): Promise<Lease | undefined>;
  readonly runs: Runs;
  readonly deliveries: Deliveries;
  readonly tellings: Tellings;
  /** Calls back for every change by anybody, after it is durable. Returns what ends it. */
  watch(listener: (news: News) => void): () => void;
  counts(): Promise<Counts>;
  /** Resolves when as much as a large request is written and durable: the store can take runs. */
  ping(): Promise<void>;
  /** Deletes what is over and old: a bounded part with each call; false when nothing is left to delete. */
  sweep(keep: Keep): Promise<boolean>;
  /** Waits for writes under way. Leases that are still held are left to the next process, as in a crash. */
  close(): Promise<void>;
}

export type Intake = {
  readonly run: NewRun;
  /** What to do when the slot is busy: wait for one's turn, end older waiting ones SUPERSEDED, or refuse. */
  readonly busy: 'queue' | 'latest' | 'refuse';
  /** Idempotency: the same scope (a token's name) and key give the same run for as long as the run is kept. */
  readonly key?: { readonly scope: string; readonly key: string; readonly bodyHash: string };
  /** What happened, and to which deployment: one event starts one run, whoever delivers it and how often. */
  readonly event?: string;
};

export type Acceptance =
  | { readonly outcome: 'accepted' | 'known'; readonly run: Run }
  /** The key belongs to a run that was asked for with another body. */
  | { readonly outcome: 'key_reused'; readonly run: Run }
  /** The run that is in the way. */
  | { readonly outcome: 'busy'; readonly run: Run };

/**
 * A claimed run, held by one owner at a time. A lease is kept by `renew`, and ends when its time is over: on PostgreSQL
 * after `leaseMs` without renewal by the database's clock; in the embedded store when its process ends, since a lock
 * says that there is only one. Every method but `log` is refused with LeaseLost once somebody else may own the run.
 *
 * A lease fences what is stored here, not what is done elsewhere: a request that was on its way to a forge or a service
 * when the lease ran out still arrives. So `save` before every change, which also renews, and take the step at once;
 * what remains is for the service's idempotency key, and for the checkpoint that the next owner goes on from.
 *
 * `save` and `end` wait out a store that is full or away, for two minutes.
 */
export interface Lease {
  readonly run: Run;
  readonly request: NewRun['request'];
  /** 1 for the first owner; each later one goes on from the checkpoint. */
  readonly attempt: number;
  readonly checkpoint: Checkpoint | undefined;
  /**
   * How long processes have worked on it so far, in ms, this one included: not how long it waited, also not between two
   * processes, and no jump of the clock. Of a process that died, the time since its last `renew` or write is not known.
   */
  spent(): number;
  /** Renews the lease, in a third of `leaseMs`. The cancellation that was asked for meanwhile. */
  renew(): Promise<Cancel | undefined>;
  /** Keeps a checkpoint, and renews. */
  save(checkpoint: Checkpoint): Promise<void>;
  tell(change: RunChange): Promise<void>;
  /**
   * Output of the deploy, cut anywhere. Resolves when more may come, in the same buffer too; it is written within a
   * quarter of a second and before the end. What a full or absent store does not take is missing from the log, which
   * says so: it holds up no deploy.
   */
  log(bytes: Uint8Array): Promise<void>;
  /** The last word. Frees the slot. */
  end(status: RunEnd, words: Ending): Promise<Run>;
  /** Hands the run over: the next `claim` by anybody may have it. */
  release(): Promise<void>;
}

export type Ending = {
  /** One line for people. */
  readonly text: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly change?: RunChange;
};

export interface Runs {
  get(id: string): Promise<Run | undefined>;
  /** What its execution is given, for who speaks of a run that nobody executes. */
  request(id: string): Promise<NewRun['request'] | undefined>;
  /** The run that a key gave, for a caller who does not know its id. */
  byKey(scope: string, key: string): Promise<Run | undefined>;
  /** Newest first. `next` is the cursor of the page after this one; runs that come meanwhile do not shift it. */
  list(filter: Filter): Promise<{ readonly runs: readonly Run[]; readonly next?: string }>;
  /** Events after that number, oldest first. At most 1000 at once. */
  events(id: string, after?: number): Promise<readonly RunEvent[]>;
  /** A piece of the log from that offset on, counted in bytes of the whole output. */
  log(id: string, from?: number, most?: number): Promise<LogPiece>;
}

export type Filter = {
  /** Names of deployments; none: all. */
  readonly deployments?: readonly string[];
  readonly environment?: string;
  readonly statuses?: readonly RunStatus[];
  /** 50, at most 500. */
  readonly limit?: number;
  readonly cursor?: string;
};

/** The middle of a long log is not kept: `from` is then beyond what was asked for, and `cut` says how much is missing. */
export type LogPiece = {
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Where to go on; `size` when this is all so far. */
  readonly next: number;
  /** Length of the whole output so far. */
  readonly size: number;
  /** Bytes between what was asked for and `from` that were not kept. */
  readonly cut: number;
};

/** Answers to webhook deliveries, for those who come again. */
export interface Deliveries {
  /** `id` with the forge's name in it. */
  get(id: string): Promise<Json | undefined>;
  /** Keeps the first answer; resolves with the one that is kept. */
  keep(id: string, answer: Json): Promise<Json>;
}

/**
 * Forges are told of runs that nobody executes, too: that they wait, and that they ended before they began. One process
 * at a time tells of a run, under a lease as long as a run's, and each status is told once; after a crash, again.
 */
export interface Tellings {
  /**
   * Runs of these deployments, longest waiting first, whose status nobody has told and nobody is telling: at most 200.
   * Those that ended before `since` (ms since the epoch) are past.
   */
  due(deployments: readonly string[], since: number): Promise<readonly string[]>;
  /** Undefined for a run that began, that is told of by another, or whose status was told. */
  claim(id: string, teller: string): Promise<Telling | undefined>;
}

export type Telling = {
  /** As it is to be told of. */
  readonly run: Run;
  readonly request: NewRun['request'];
  /** In a third of `leaseMs`; false: another may be telling by now. */
  renew(): Promise<boolean>;
  /** It was told, or need not be. */
  done(): Promise<void>;
  /** It was not: `due` again after so long. */
  release(ms: number): Promise<void>;
};

export type News =
  | {
      readonly id: string;
      /** waiting: a run can be claimed. cancel: its owner should `renew`. log: there is more. changed: anything else. */
      readonly what: 'waiting' | 'changed' | 'cancel' | 'log' | 'ended';
    }
  /** Something may have been missed (the database was away): look again. */
  | { readonly what: 'missed' };

export type Counts = {
  readonly byStatus: Readonly<Record<RunStatus, number>>;
  /** When the run that waits longest was accepted. */
  readonly oldestWaitingAt: number | undefined;
};

export type Keep = {
  /** Finished runs (and answers to deliveries) older than that go. */
  readonly maxAgeMs: number;
  /** Of finished runs at most so many stay. */
  readonly maxRuns: number;
};

/** What a store may use of the process it lives in. */
export type StoreDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of each run that ended by this process, once it is durable: those that waited, too. */
  ended?(run: Run): void;
};

export type StoreOptions = {
  /** Without renewal a run is another's after this, on PostgreSQL: at least 10 s. */
  readonly leaseMs: number;
  /** Of a log longer than both, the head and the tail stay. */
  readonly logHeadBytes: number;
  readonly logTailBytes: number;
};

export const storeDefaults: StoreOptions = {
  leaseMs: 15_000,
  logHeadBytes: 512 * 1024,
  logTailBytes: 3584 * 1024,
};
