import type { Json } from '../targets/target.ts';

/** The words of the API; the first two are not ends. */
export const runStatuses = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCESS',
  'FAILURE',
  'ERROR',
  'TIMED_OUT',
  'CANCELED',
  'SUPERSEDED',
  'REFUSED',
] as const;
export type RunStatus = (typeof runStatuses)[number];
export type RunEnd = Exclude<RunStatus, 'QUEUED' | 'IN_PROGRESS'>;

export const isOver = (status: RunStatus): status is RunEnd =>
  status !== 'QUEUED' && status !== 'IN_PROGRESS';

/** What a request asks for. All of it is the caller's own: no setting of the operator, no secret. */
export type NewRun = {
  /** Name of the deployment in slipway.yml. */
  readonly deployment: string;
  /** One run at a time: repository, environment and component in one text, the same for all that exclude each other. */
  readonly slot: string;
  readonly repo: string;
  readonly environment: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly task: string;
  readonly deploymentId?: string;
  readonly description?: string;
  readonly actor?: string;
  /** What started it: `api`, `spinnaker`, `github` … */
  readonly source: string;
  /** What else its execution needs of the request; comes back with the claim, and is never listed. */
  readonly request: { readonly [key: string]: Json };
};

/** One run as everybody may see it. Times are ms since the epoch. */
export type Run = Omit<NewRun, 'request'> & {
  /** A UUID whose order is the order of acceptance within one process: `[0-9a-f-]{36}`. */
  readonly id: string;
  readonly status: RunStatus;
  /** One line on how far it is; empty before there is one. */
  readonly progress: string;
  readonly environmentUrl?: string;
  /** The last state that a forge was told. */
  readonly deploymentState?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly outputs: Readonly<Record<string, string>>;
  /** Somebody asked for its end. */
  readonly cancel?: Cancel;
};

export type Cancel = {
  readonly at: number;
  /** Who asked: a token's name, `spinnaker`, a person. */
  readonly by: string;
  readonly reason?: string;
};

/** What a run may learn of itself on its way; what is left out stays as it is. */
export type RunChange = {
  readonly progress?: string;
  readonly description?: string;
  readonly environmentUrl?: string;
  readonly deploymentState?: string;
  readonly deploymentId?: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly task?: string;
};

/** One thing that happened in a run. Numbers rise from 1; changes beyond the thousandth number are not kept. */
export type RunEvent = {
  readonly number: number;
  readonly at: number;
} & (
  | { readonly what: 'status'; readonly status: RunStatus; readonly text?: string }
  | { readonly what: 'changed'; readonly change: RunChange }
  | { readonly what: 'cancel'; readonly cancel: Cancel }
  /** A process took the run: attempt 1 starts it, a later one goes on after a crash or a hand-over. */
  | { readonly what: 'claimed'; readonly attempt: number; readonly owner: string }
);
