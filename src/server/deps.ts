import type { Clock } from '../clock.ts';
import type { Catalog } from '../deployments/catalog.ts';
import type { Config, Deployment } from '../deployments/config.ts';
import type { Secrets } from '../deployments/secrets.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from './metrics.ts';

/** What the server is made of. What may change while it runs is a function, and is asked at every request. */
export type ServerDeps = {
  /** undefined while it is being opened: a refused connection is final to Orca, a 503 is not. */
  store(): Store | undefined;
  /** slipway.yml as it was read last. */
  config(): Config;
  secrets(): Secrets;
  readonly catalog: Catalog;
  /** Every absolute URL is built from it, never from a request. */
  readonly publicUrl: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** false while the process recovers or drains: both APIs then take no new runs. */
  ready(): boolean;
  postStatus(order: StatusOrder): Promise<StatusPosted>;
};

/** One status that somebody without a forge's token wants to have posted. */
export type StatusOrder = {
  /** Deployments of slipway.yml with this repository that the caller may use; the forge's answer says which it is. */
  readonly candidates: readonly Deployment[];
  readonly repository: string;
  readonly deploymentId: string;
  readonly state: string;
  readonly description: string | undefined;
  /** Name of the caller's token. */
  readonly by: string;
};
export type StatusPosted =
  | { readonly outcome: 'posted'; readonly text: string }
  /** The forge said no, or the deployment is not one of the candidates'. */
  | { readonly outcome: 'refused'; readonly message: string }
  /** It may work later. */
  | { readonly outcome: 'unavailable'; readonly message: string };

/** States that a deployment at the forge may be told; the last ends one that was replaced. */
export const postedStates = [
  'queued',
  'in_progress',
  'pending',
  'success',
  'failure',
  'error',
  'inactive',
] as const;
