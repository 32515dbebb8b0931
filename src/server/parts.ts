import type { Store } from '../store/store.ts';
import type { Bells } from './bells.ts';
import type { ServerDeps } from './deps.ts';
import type { Guard } from './guard.ts';
import type { Insist } from './insist.ts';
import type { Intake } from './intake.ts';
import type { Links } from './links.ts';
import type { Sparing } from './sparing.ts';
import type { Streams } from './stream.ts';

/** What the routes share. */
export type Parts = ServerDeps & {
  readonly links: Links;
  readonly guard: Guard;
  readonly intake: Intake;
  readonly insist: Insist;
  readonly bells: Bells;
  readonly streams: Streams;
  /** For what callers can make us write. */
  readonly sparing: Sparing;
  /** The store, once it is open; answers 503 before. */
  opened(): Store;
};
