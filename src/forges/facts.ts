import type { Clock } from '../clock.ts';
import type { Http } from '../http/http.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { Loaded } from '../settings/load.ts';
import type { CredentialUse } from '../targets/target.ts';
import type { Deployment } from './forge.ts';

export const refKinds = ['branch', 'tag'] as const;
export type RefKind = (typeof refKinds)[number];

/** How long the caller waits; `until` in ms since the epoch. */
export type Patience = { readonly signal: AbortSignal; readonly until: number };

export type Tip = {
  /** Where a branch or tag stands; of an annotated tag the commit that it is on. 40 or 64 hex, or Diversion's id. */
  readonly commit: string;
  /** The annotated tag's own id, by which some events name it. */
  readonly tagObject?: string;
};

export type Listed = {
  readonly name: string;
  /** undefined: the list does not say, and `tipOf` does. */
  readonly commit: string | undefined;
  /** The forge listed it because it has the commit that was asked about. */
  readonly holds?: true;
};

export type Listing = {
  readonly refs: readonly Listed[];
  /** There are more, which were not read. */
  readonly isCut: boolean;
};

/** A deployment as the forge has it, with the ref that it was made of. */
export type DeploymentFacts = { readonly deployment: Deployment; readonly ref: string | undefined };

/**
 * What a forge itself says of one repository. Every method rejects with a RemoteError that says what would help;
 * one with status 404 may mean that the credential does not see the repository.
 */
export interface Facts {
  /** `octo/hello on github.com`, for people. */
  readonly place: string;
  /** Setting that holds the credential. */
  readonly setting: string;
  /** undefined: there is no such branch or tag that we could see. */
  tipOf(kind: RefKind, name: string, patience: Patience): Promise<Tip | undefined>;
  /** Whether a commit is the other one or an ancestor of it. A commit that the forge does not know is not. */
  holds(tip: string, commit: string, patience: Patience): Promise<boolean>;
  /** Branches or tags whose names start so, up to a bound; a forge that can lists only those that have the commit. */
  list(kind: RefKind, start: string, commit: string, patience: Patience): Promise<Listing>;
  /** undefined where the forge has no deployments that could be adopted. */
  deployment?(id: string, patience: Patience): Promise<DeploymentFacts>;
}

export type FactsDeps = { readonly http: Http; readonly clock: Clock; readonly log: Log };

/** A forge as a witness. */
export type FactsEntry = {
  readonly id: NonNullable<Order['forge']>;
  /** Empty where there is no credential: what is public may be readable all the same, but for GitHub. */
  credentials(loaded: Loaded, order: Order): readonly CredentialUse[];
  /** Throws a SettingsError for what settings and order lack. */
  open(loaded: Loaded, order: Order, deps: FactsDeps): Facts;
};
