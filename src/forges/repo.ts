import { quoted, SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';

/** The order's repository, which is `owner/name`; `groups` may be deeper. */
export function repoOf({ repo }: Order, groups: 'one' | 'any' = 'any'): string {
  const parts = repo?.split('/') ?? [];
  if (repo && parts.length > 1 && (groups === 'any' || parts.length === 2) && !isOdd(repo)) {
    return repo;
  }
  const message = repo
    ? `must be owner/name, got ${quoted(repo)}`
    : 'is required here: it names the repository on its forge';
  throw new SettingsError([{ name: 'repo', message }]);
}

/** A URL would take it for something else. */
export const isOdd = (repo: string): boolean =>
  repo.split('/').some((part) => !/^[\w.~-]+$/.test(part) || /^\.+$/.test(part));
