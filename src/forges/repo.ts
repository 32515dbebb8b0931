import { quoted, SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';

/** The order's repository, which is `owner/name`; `groups` may be deeper. */
export function repoOf({ repo }: Order, groups: 'one' | 'any' = 'any'): string {
  const parts = repo?.split('/') ?? [];
  if (repo && parts.length > 1 && (groups === 'any' || parts.length === 2) && !isOdd(parts)) {
    return repo;
  }
  const message = repo ? `must be owner/name, got ${quoted(repo)}` : 'is required to fetch a tree';
  throw new SettingsError([{ name: 'repo', message }]);
}

/** A URL would take them for something else. */
const isOdd = (parts: readonly string[]): boolean =>
  parts.some((part) => !/^[\w.~-]+$/.test(part) || /^\.+$/.test(part));
