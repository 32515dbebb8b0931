import type { Clock } from '../clock.ts';
import type { Downloads, Http } from '../http/http.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { Loaded } from '../settings/load.ts';
import type { CredentialUse, Finding } from '../targets/target.ts';

export type Fetching = {
  /** Aborts when the run must end. */
  readonly signal: AbortSignal;
  /** When the run's `timeout` is over; ms since the epoch. */
  readonly until: number;
  /** One line on how far it is. */
  progress(text: string): void;
  /** What the tree turned out to be of, where the order leaves that open: a branch is at one commit now. */
  found(facts: Found): void;
};
export type Found = Required<Pick<Order, 'repo' | 'commit'>> & Pick<Order, 'ref'>;

/** What is deployed, where that is not what CI has built. */
export type Subject = Pick<Order, 'repo' | 'commit' | 'ref'> & Required<Pick<Order, 'forge'>>;

/** Where one run's source tree comes from. Opened for one run: two runs never share a tree. */
export interface Checkout {
  readonly id: string;
  /** What `fetch` would do, one line each, for `check` and `dry_run`. */
  plan(order: Order): readonly string[];
  /** One harmless read that shows whether the tree can be had. */
  check(order: Order, signal: AbortSignal): Promise<readonly Finding[]>;
  /**
   * The folder that holds the tree of the order's commit. Rejects at once when the signal aborts, with a RemoteError
   * when the tree cannot be had and a CheckoutError when it cannot be used: then nothing has been deployed.
   */
  fetch(order: Order, fetching: Fetching): Promise<string>;
  /** Removes what `fetch` has made, whatever became of it. Never rejects. */
  release(): Promise<void>;
}

export type CheckoutDeps = {
  readonly http: Http & Downloads;
  readonly clock: Clock;
  readonly log: Log;
  /** The workspace. */
  readonly cwd: string;
  /** Folders in which a tree may be put, best first. */
  readonly scratch: readonly string[];
  /** Variables that a child process inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type CheckoutEntry = {
  readonly id: string;
  /** Where it is not what CI has built: what the order is of then. */
  subject?(loaded: Loaded): Subject;
  credentials(loaded: Loaded, order: Order): readonly CredentialUse[];
  /** Throws a SettingsError for what settings and order lack. */
  open(loaded: Loaded, order: Order, deps: CheckoutDeps): Checkout;
};
