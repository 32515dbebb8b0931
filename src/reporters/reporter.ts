import type { Clock } from '../clock.ts';
import type { Http } from '../http/http.ts';
import type { Marker } from '../identity.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { Table } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';
import type { CredentialUse, Finding } from '../targets/target.ts';

/** What an audience is told. Each reporter maps it to its own words. */
export type State =
  | 'queued'
  | 'in_progress'
  | 'pending'
  | 'success'
  | 'failure'
  | 'error'
  | 'timed_out'
  | 'cancelled'
  | 'superseded'
  | 'inactive';

export const isTerminal = (state: State | ForgeState | undefined): boolean =>
  state !== undefined && !['queued', 'in_progress', 'pending', 'waiting'].includes(state);

export type Status = {
  readonly state: State;
  /** One line without secrets, of any length: the reporter keeps what its audience can show. */
  readonly description: string;
  /** Where the new version serves; on every status once known, never on a failure. */
  readonly environmentUrl?: string;
};

/** A forge's own words for a deployment's or commit status's latest state. */
export type ForgeState =
  | 'queued'
  | 'in_progress'
  | 'pending'
  | 'waiting'
  | 'success'
  | 'failure'
  | 'error'
  | 'inactive';

/** One status as the forge shows it. */
export type Posted = {
  readonly state: ForgeState;
  /** ms since the epoch. */
  readonly at: number;
  readonly link: string | undefined;
  readonly description: string;
  /** Whose it is, when one of ours posted it. */
  readonly marker: Marker | undefined;
};

/** What a forge remembers of one deployment of an environment (or of one commit status of a context). */
export type Deployment = {
  /** The forge's id; of a commit status the sha. */
  readonly id: string;
  readonly repo: string;
  readonly environment: string;
  readonly sha: string;
  readonly task: string | undefined;
  readonly description: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Newest first; may be cut to the last few. Empty: nobody has posted yet. */
  readonly statuses: readonly Posted[];
  /**
   * Which run it belongs to: the payload's marker, else the newest status's that is not a closure. A retry of the
   * payload's run has a later expiry, which only its statuses carry: there the newest status's counts.
   */
  readonly owner: Marker | undefined;
  /** Link for people. */
  readonly url: string | undefined;
};

export type Look = {
  /** The deployment that the order names. */
  readonly adopted: Deployment | undefined;
  /**
   * Everything else of the slot, newest first, as far back as one look sees: the environment's deployments without
   * those that carry another component's marker.
   */
  readonly others: readonly Deployment[];
};

/** Which deployments a survey reads. */
export type Scope = {
  readonly environment: string | undefined;
  readonly component: string | undefined;
};

/**
 * A forge, which keeps what is posted: the only memory that one-shot runs share. `until` (ms since the epoch) is when
 * the signal will abort, where the caller knows it: a forge that asks for a longer wait is given up at once. Without
 * it nobody waits more than two minutes for a rate limit.
 */
export interface Forge {
  /** By how many ms the forge's clock is ahead of ours, as its last answer told; 0 where they agree. */
  ahead(): number;
  /** Rejects with a RemoteError when the forge cannot be read. */
  look(signal: AbortSignal, until?: number): Promise<Look>;
  /**
   * Goes on with a deployment, or creates one exactly once: a lost answer never makes a second. Call `look` before.
   * Of two open ones with our key the lower id is returned, which need not be the one that was just made.
   */
  open(adopt: Deployment | undefined, signal: AbortSignal, until?: number): Promise<Deployment>;
  /** The opened deployment as it is now; cheap when nothing changed. */
  reread(signal: AbortSignal, until?: number): Promise<Deployment>;
  /**
   * Posts a status on another run's deployment, with that run's marker and the word that we closed it. Does nothing
   * when it has ended meanwhile.
   */
  close(deployment: Deployment, status: Status, signal: AbortSignal, until?: number): Promise<void>;
  /** Every open deployment with a marker, for `reap`. */
  survey(scope: Scope, signal: AbortSignal, until?: number): Promise<readonly Deployment[]>;
}

/** Tells one audience about one run. Its posts are never called twice at once. */
export interface Reporter {
  readonly id: string;
  /** Losing its terminal status makes a good deploy exit 3 (with `require_status`). */
  readonly required: boolean;
  readonly forge: Forge | undefined;
  /**
   * Resolves when the audience has it, or never will by choice (`left`: the CI server posts that one itself).
   * A status whose answer was lost is read back before it is repeated; a terminal one is repeated until the signal
   * aborts, and stays the last even where an earlier one arrives late. Rejects with a RemoteError.
   */
  post(status: Status, signal: AbortSignal, until?: number): Promise<'posted' | 'left'>;
  check(signal: AbortSignal): Promise<readonly Finding[]>;
}

export type Verb = 'deploy' | 'status' | 'check' | 'reap';

export type ReporterDeps = {
  /** `status` posts what it is told, and `reap` needs no commit. */
  readonly verb: Verb;
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
};

/** What `report: auto` asks of each reporter. */
export type Wish = { readonly wanted: boolean; readonly why: string };

export type ReporterEntry = {
  readonly id: string;
  readonly about: string;
  readonly settings: Table;
  /** Whether `report: auto` picks it, and why: said in the log. */
  auto(loaded: Loaded, order: Order, verb: Verb): Wish;
  credentials(loaded: Loaded, order: Order): readonly CredentialUse[];
  /** Throws a SettingsError for what the order lacks. */
  open(loaded: Loaded, order: Order, deps: ReporterDeps): Reporter;
};
