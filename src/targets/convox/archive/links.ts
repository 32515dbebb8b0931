import { realpathSync, type Stats, statSync } from 'node:fs';
import { type ByteText, join, pathOf } from './byte-text.ts';
import { type Ignore, isLeftOut } from './ignore.ts';

/** A folder that the walk is in. */
export type Folder = {
  readonly name: ByteText;
  /** Where it lies in the tree; not its name, where a symbolic link led to it. */
  readonly real: ByteText;
  readonly above: Folder | undefined;
};

export type Place = { readonly real: ByteText; readonly isFolder: boolean };
export type Tree = { readonly root: ByteText; readonly ignore: Ignore };

/** What a symbolic link of the tree leads to, or why nothing can stand in its place. */
export function behind(link: ByteText, inside: Folder, { root, ignore }: Tree): Place | string {
  const target = follow(join(root, link));
  if (!target) return 'symbolic links that lead nowhere';
  const [path, stats] = target;
  const top = root === '/' ? root : `${root}/`;
  if (!`${path}/`.startsWith(top)) return 'symbolic links that lead out of the tree';
  const real = path.slice(top.length);
  if (isAround(inside, real)) return 'symbolic links to a folder that they are in';
  if (isLeftOut(ignore, real)) return 'symbolic links to what .dockerignore leaves out';
  if (stats.isFile() || stats.isDirectory()) return { real, isFolder: stats.isDirectory() };
  return `symbolic links to ${kindOf(stats)}`;
}

function follow(path: ByteText): readonly [ByteText, Stats] | undefined {
  try {
    const target = realpathSync.native(pathOf(path), { encoding: 'latin1' });
    return [target, statSync(pathOf(target))];
  } catch {
    return undefined;
  }
}

/** Whether one would come round to the same folder again. */
function isAround(inside: Folder | undefined, real: ByteText): boolean {
  if (!inside) return false;
  if (real === '' || `${inside.real}/`.startsWith(`${real}/`)) return true;
  return isAround(inside.above, real);
}

export const kindOf = (entry: Pick<Stats, 'isSocket' | 'isFIFO'>): string =>
  entry.isSocket() ? 'sockets' : entry.isFIFO() ? 'named pipes' : 'devices';
