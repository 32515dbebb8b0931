import type { Checkout } from '../checkout/checkout.ts';
import type { Clock } from '../clock.ts';
import type { Deployment } from '../forges/forge.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import type { Outcome } from '../outcome.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { type State, type Status, subjectOf } from '../status.ts';
import type { Target } from '../targets/target.ts';
import type { Channel } from './channel.ts';
import { nameOf } from './decide.ts';
import type { Saved } from './saved.ts';
import type { Brake } from './stop.ts';
import { lineOf } from './words.ts';

export type RunDeps = {
  readonly target: Target;
  readonly reporters: readonly Reporter[];
  readonly clock: Clock;
  readonly log: Log;
  /** Takes secrets out of what audiences are told. */
  redact(text: string): string;
  /** The end of what the deploy wrote, redacted. */
  tail?(): string;
  /** Ends the run early; its reason is a Stop. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly heartbeatMs: number;
  readonly whenBusy: 'proceed' | 'wait' | 'refuse';
  readonly supersede: boolean;
  readonly requireStatus: boolean;
  /** Longest time for one HTTP exchange. */
  readonly httpTimeoutMs: number;
  /** Where the source tree comes from; undefined where the deploy needs none. */
  readonly checkout: Checkout | undefined;
  /** What is known of the run on its way, for whoever shows it. */
  note?(news: News): void;
  /** No process has carried it out yet: what is open in its name was opened while it waited. */
  readonly isFirst?: boolean;
  /** Where an earlier process of this run stopped. */
  readonly saved?: Saved;
  /** Keeps that for the next one; resolves when it is durable, and rejects when the run is another process's now. */
  store?(saved: Saved): Promise<void>;
};

/** What is left out has not changed. */
export type News = {
  readonly progress?: string;
  readonly environmentUrl?: string;
  /** As an adopted deployment makes it. */
  readonly order?: Order;
  readonly deployment?: Deployment;
  readonly state?: State;
};

export type Ended = {
  readonly outcome: Outcome;
  readonly exit: number;
  readonly description: string;
  /** The order as it was carried out: an adopted deployment brings its own task and payload. */
  readonly order: Order;
  readonly deployment: Deployment | undefined;
  /** The last state that a forge was told. */
  readonly state: State | undefined;
  readonly environmentUrl: string | undefined;
  /** The target's outputs. */
  readonly results: ReadonlyMap<string, string>;
  /** Reporters whose audience does not know the end. */
  readonly lost: readonly string[];
  /** Those of them that may know it all the same: an answer was lost. */
  readonly unsure: readonly string[];
  /** Reporters whose audience never answered. */
  readonly unreached: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
};

/** What the steps of one run share. */
export type Session = {
  readonly deps: RunDeps;
  readonly brake: Brake;
  readonly channels: readonly Channel[];
  readonly results: Map<string, string>;
  order: Order;
  environmentUrl: string | undefined;
  predecessor: boolean;
  /** Older runs that may be alive: closed after our own success. */
  alive: { readonly channel: Channel; readonly deployment: Deployment }[];
  lastProgress: string | undefined;
  /** How the deploy of the slot before this one ended. */
  previous: State | undefined;
  /** The deploy is over, and only its last status is on its way. */
  telling: boolean;
  /** The target has been asked to deploy: from here on every audience must hear the end. */
  started: boolean;
  /** Closing of orphans, which nobody waits for before the end. */
  chores: Promise<void>[];
};

/** How long statuses may take at the start, before the deploy goes on without them. */
export const startMs = 20_000;
/** Between two looks at what others do. */
export const turnMs = 15_000;

export const statusOf = (s: Session, state: State, description: string): Status => ({
  state,
  description: lineOf(s.deps.redact(description)),
  ...(s.environmentUrl ? { environmentUrl: s.environmentUrl } : {}),
  of: subjectOf(s.order, s.deps.redact, deploymentUrlOf(s)),
});

const deploymentUrlOf = ({ channels }: Session): string | undefined =>
  channels.map((channel) => (channel.deployment() ?? channel.adopted())?.url).find(Boolean);

export const busyNames = (s: Session): string =>
  s.alive.map(({ deployment }) => nameOf(deployment)).join(', ');
