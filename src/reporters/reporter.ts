import type { Clock } from '../clock.ts';
import type { Forge, Memory } from '../forges/forge.ts';
import type { Http } from '../http/http.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { Table } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';
import type { Status } from '../status.ts';
import type { CredentialUse, Finding } from '../targets/target.ts';

/** Tells one audience about one run. Its posts are never called twice at once. */
export interface Reporter {
  readonly id: string;
  /**
   * Losing its terminal status makes a good deploy exit 3 (with `require_status`). A reporter that nobody requires is
   * waited for at the end only, and sets a time-out of its own there.
   */
  readonly required: boolean;
  readonly forge: Forge | undefined;
  /** Where the audience is no forge, and shows all the same what killed runs left. */
  readonly memory?: Memory;
  /** So many ms pass before its first post and between any two: of what comes meanwhile it gets the newest. */
  readonly paceMs?: number;
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
  /** Where its audience is; undefined where any repository may be told of. */
  readonly forge: Order['forge'];
  readonly settings: Table;
  /** Whether `report: auto` picks it, and why: said in the log. */
  auto(loaded: Loaded, order: Order, verb: Verb): Wish;
  credentials(loaded: Loaded, order: Order): readonly CredentialUse[];
  /** Throws a SettingsError for what the order lacks. */
  open(loaded: Loaded, order: Order, deps: ReporterDeps): Reporter;
};
