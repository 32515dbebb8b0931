export type { Fault } from '../faulty.ts';

import type { Talk } from './socket.ts';
import type { FakeBuild, Sight, World } from './world.ts';

export const exchanges = [
  ...(['racks', 'session', 'system', 'app', 'create', 'upload', 'object', 'start'] as const),
  ...(['build', 'builds', 'logs', 'releases', 'release', 'env', 'promote', 'cancel'] as const),
  ...(['app logs', 'processes', 'diagnose', 'process start', 'process', 'exec'] as const),
  ...(['process end'] as const),
];
export type Exchange = (typeof exchanges)[number];

export type Manners = {
  /** Name of the one app. */
  readonly app?: string;
  /** `3.24.6` or a date. */
  readonly version?: string;
  readonly user?: string;
  readonly password?: string;
  readonly prefix?: string;
  /** Statuses of a build, one a look; the last one stays. */
  readonly build?: readonly string[];
  readonly reason?: string;
  readonly rollout?: readonly Sight[];
  /** Lines of the build's log. */
  readonly log?: readonly string[];
  /** How the log of a build is told on its nth connection; all of it and an end by default. */
  readonly tell?: (talk: Talk, nth: number, build: FakeBuild) => Promise<void> | void;
  /** How the app's log is told. */
  readonly tellApp?: (talk: Talk, world: World) => Promise<void> | void;
  /** How a command goes: its output with the marker, or without. */
  readonly exec?: (talk: Talk, command: string) => Promise<void> | void;
  /** Routes that the credential may not use. */
  readonly forbidden?: readonly Exchange[];
  /** In front of the rack stands a console that has these. */
  readonly racks?: readonly string[];
  /** The console's challenge: it wants a session, or a key of hardware. */
  readonly session?: 'wanted' | 'hardware';
  readonly diagnosis?: unknown;
  /** The answer to these takes so many real ms to come. */
  readonly late?: Readonly<Partial<Record<Exchange, number>>>;
  /** What is uploaded is counted, and not kept. */
  readonly forgets?: true;
  /** What the provider's store says, with a 500, of an object that is not there. */
  readonly noObject?: string;
  /** Seconds, said along with a 429. */
  readonly retryAfter?: string;
};

export const marker = 'F1E49A85-0AD7-4AEF-A618-C249C6E6568D:';
