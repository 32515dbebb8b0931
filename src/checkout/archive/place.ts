import { CheckoutError } from '../../errors.ts';
import { shownName } from './shown.ts';

/**
 * Where an entry of the archive goes, as parts below the one folder that forges put everything in; none for that
 * folder itself. Git keeps no name that is refused here, so whoever made the archive was up to something.
 */
export function createPlaces(): (path: string, isFolder: boolean) => readonly string[] {
  let top: string | undefined;
  return (path, isFolder) => {
    const parts = (isFolder ? path.replace(/\/$/, '') : path).split('/');
    const why = faultIn(path, parts);
    if (why) throw new CheckoutError(`The archive holds ${shownName(path)}, ${why}`);
    const [first = '', ...below] = parts;
    top ??= first;
    if (first !== top || (below.length === 0 && !isFolder)) {
      throw new CheckoutError(
        `The archive holds ${shownName(path)} outside of its folder ${shownName(top)}: no forge makes such archives`,
      );
    }
    return below;
  };
}

function faultIn(path: string, parts: readonly string[]): string | undefined {
  if (path.startsWith('/')) return 'an absolute path';
  if (parts.includes('..')) return 'a path that leads out of the tree';
  if (parts.some((part) => part === '' || part === '.')) return 'a path that is not plain';
  if (path.includes('\0')) return 'a name with a NUL in it';
  if (path.includes('\ufffd')) return 'a name that is not UTF-8';
  // What reads the tree would take it for a repository, with hooks and commands of its own.
  if (parts.some((part) => part.toLowerCase() === '.git')) return 'which only a clone has';
  return undefined;
}
