import { CheckoutError } from '../../errors.ts';
import type { Place } from '../../forges/diversion/place.ts';
import type { Finding } from '../../targets/target.ts';
import type { CheckoutDeps, Fetching } from '../checkout.ts';
import { type Home, makeHome } from './home.ts';

/** What is fetched, and with what. */
export type Source = {
  readonly place: Place;
  /** Branch, tag or commit; undefined: the default branch. */
  readonly ref: string | undefined;
  readonly deps: CheckoutDeps;
  /** Most bytes of the tree. */
  readonly most: number;
  /** Folder that lasts, as it was written, and the setting that names it. */
  readonly path: string | undefined;
  readonly pathSetting: string;
};

/** A way to get it. */
export type Method = {
  /** How, for people: `by its API`. */
  readonly how: string;
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  fetch(fetching: Fetching): Promise<Fetched>;
};

export type Fetched = {
  readonly tree: string;
  /** Lets go of the tree, and removes it unless it lasts. Rejects when something stays behind. */
  release(): Promise<void>;
};

export const homeOf = (
  { place, path, pathSetting, deps }: Source,
  scratch: readonly string[],
): Promise<Home> =>
  makeHome({ path, setting: pathSetting, cwd: deps.cwd, scratch, name: place.repo });

/** The failure for a tree that is too large; undefined where it is not. */
export function excess({ most }: Source, bytes: number): CheckoutError | undefined {
  if (bytes <= most) return undefined;
  const limit = Math.floor(most / 1024 / 1024);
  return new CheckoutError(
    `The tree is larger than ${limit} MiB: if that is right, raise checkout_limit`,
  );
}
