import { readLink } from '../identity.ts';
import type { ForgeState, Posted } from './forge.ts';

/** A status as a forge's answer shows it. */
export type Shown = {
  readonly state: ForgeState;
  /** ISO 8601, or ms since the epoch. */
  readonly at: string | number;
  readonly link: string | null | undefined;
  readonly description: string | null | undefined;
};

/** Throws a TypeError where the answer shows none. */
export function postedOf({ state, at, link, description }: Shown): Posted {
  const posted = {
    ...{ state, at: typeof at === 'number' ? at : Date.parse(at) },
    link: typeof link === 'string' && link ? link : undefined,
    description: description ?? '',
    marker: readLink(link),
  };
  if (Number.isNaN(posted.at)) throw new TypeError('a status has its time');
  return posted;
}

/** The same of one context, as a commit's status has it. */
export function commitPosted({ context, ...shown }: Shown & { readonly context: string }) {
  if (typeof context !== 'string') throw new TypeError('a status has a context');
  return { ...postedOf(shown), context };
}
