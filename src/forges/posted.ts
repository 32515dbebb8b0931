import { readLink } from '../identity.ts';
import type { ForgeState, Posted } from './forge.ts';

/** A status as a forge's answer shows it. */
export type Shown = {
  readonly state: ForgeState;
  /** ISO 8601. */
  readonly at: string;
  readonly link: string | null | undefined;
  readonly description: string | null | undefined;
};

export const postedOf = ({ state, at, link, description }: Shown): Posted => ({
  state,
  at: Date.parse(at),
  link: link || undefined,
  description: description ?? '',
  marker: readLink(link),
});
