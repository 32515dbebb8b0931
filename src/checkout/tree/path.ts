import { CheckoutError } from '../../errors.ts';
import { shownName } from './shown.ts';

/** The parts of a path in a tree that came from elsewhere. No version control keeps a name that is refused here. */
export function partsOf(path: string, isFolder: boolean, where: string): readonly string[] {
  const parts = (isFolder ? path.replace(/\/$/, '') : path).split('/');
  const why = faultIn(path, parts);
  if (why) throw new CheckoutError(`The ${where} holds ${shownName(path)}, ${why}`);
  return parts;
}

/** Whether it is such a path. */
export const isPlain = (path: string): boolean => faultIn(path, path.split('/')) === undefined;

function faultIn(path: string, parts: readonly string[]): string | undefined {
  if (path.startsWith('/')) return 'an absolute path';
  if (parts.includes('..')) return 'a path that leads out of the tree';
  if (parts.some((part) => part === '' || part === '.')) return 'a path that is not plain';
  if (path.includes('\0')) return 'a name with a NUL in it';
  if (path.includes('\ufffd') || !path.isWellFormed()) return 'a name that is not UTF-8';
  // What reads the tree would take it for a repository, with hooks and commands of its own.
  if (parts.some((part) => part.toLowerCase() === '.git')) return 'which only a clone has';
  return undefined;
}
