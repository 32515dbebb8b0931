import type { Clock } from '../clock.ts';
import type { Download, Downloads, Http } from '../http/http.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { Loaded } from '../settings/load.ts';
import type { CredentialUse, Finding } from '../targets/target.ts';

export type Wanted<T> = Pick<Download<T>, 'most' | 'cure' | 'take' | 'signal'> & {
  /** 40 or 64 hex. */
  readonly commit: string;
  /** When the caller gives up; ms since the epoch. */
  readonly until: number;
};

/** The trees of one repository, as its forge packs them. */
export interface Archives {
  /** Where they come from, for people: `octo/hello on github.com`. */
  readonly place: string;
  /** Hands on the gzipped tar of one commit. Rejects with a RemoteError that says what would help. */
  fetch<T>(wanted: Wanted<T>): Promise<T>;
  /** One harmless read; of the newest commit where none is known yet. */
  check(commit: string | undefined, signal: AbortSignal): Promise<readonly Finding[]>;
}

export type ArchivesDeps = {
  readonly http: Http & Downloads;
  readonly clock: Clock;
  readonly log: Log;
};

/** A forge as a source of trees. */
export type ArchivesEntry = {
  readonly id: 'github' | 'gitlab' | 'bitbucket' | 'gitea';
  /** Settings that show, where they are written, that the repository is on this forge. */
  readonly signs: readonly string[];
  credentials(loaded: Loaded, order: Order): readonly CredentialUse[];
  /** Throws a SettingsError for what settings and order lack. */
  open(loaded: Loaded, order: Order, deps: ArchivesDeps): Archives;
};
