import type { Marker } from '../identity.ts';
import type { State, Status } from '../status.ts';

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
  /** How people are told of it, where that is neither a deployment nor a commit status. */
  readonly name?: string;
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
  /** How its run has ended, which the forge shows beside it as open all the same. */
  readonly untold?: State;
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

/** How long the caller waits; `until` in ms since the epoch. */
export type Patience = { readonly signal: AbortSignal; readonly until?: number | undefined };

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
export interface Forge extends Memory {
  /** Rejects with a RemoteError when the forge cannot be read. */
  look(signal: AbortSignal, until?: number): Promise<Look>;
  /**
   * Goes on with a deployment, or creates one exactly once: a lost answer never makes a second. Call `look` before.
   * Of two open ones with our key the lower id is returned, which need not be the one that was just made.
   */
  open(adopt: Deployment | undefined, signal: AbortSignal, until?: number): Promise<Deployment>;
  /** The opened deployment as it is now; cheap when nothing changed. */
  reread(signal: AbortSignal, until?: number): Promise<Deployment>;
}

/** What shows runs that were killed, so that they can be found and ended. */
export interface Memory {
  /** By how many ms its clock is ahead of ours, as its last answer told; 0 where they agree. */
  ahead(): number;
  /**
   * Posts a status on another run's deployment, with that run's marker and the word that we closed it. Does nothing
   * when it has ended meanwhile.
   */
  close(deployment: Deployment, status: Status, signal: AbortSignal, until?: number): Promise<void>;
  /** Every open deployment with a marker, for `reap`. */
  survey(scope: Scope, signal: AbortSignal, until?: number): Promise<readonly Deployment[]>;
}
