import {
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { CheckoutError } from '../../errors.ts';
import { diskError, onDisk } from '../tree/disk.ts';
import { shownName } from '../tree/shown.ts';
import type { Manifest } from './manifest.ts';

type Parts = readonly string[];

/**
 * The folder of a tree. Builds and commits of yesterday may have left anything in it, so before each write and each
 * removal every folder on the way is looked at: none is a link that leads elsewhere.
 */
export type Ground = {
  readonly root: string;
  makeFolder(parts: Parts): void;
  /** Puts a finished file where it belongs, in place of whatever is there. */
  place(parts: Parts, file: string): void;
  /** Empties the place of a link. */
  clear(parts: Parts): void;
  /** What stands there, without following it; undefined: nothing, or it is not in this tree. */
  look(parts: Parts): Stats | undefined;
  /** Removes what an earlier run has put there, and folders that are empty then. */
  remove(parts: Parts, isFolder: boolean): void;
};

/** Folders that are known to be none of others' links; a tree of any number of them takes no more memory. */
const mostKnown = 1000;

export const modeOf = (isProgram: boolean): number => (isProgram ? 0o755 : 0o644);

export function createGround(root: string, manifest: Manifest): Ground {
  const real = new Set<string>();
  const at = (parts: Parts): string => `${root}/${parts.join('/')}`;

  /** Removes a folder, but not what this round has put below. */
  function removeFolder(parts: Parts): void {
    const name = parts.join('/');
    if (manifest.hasBelow(name)) {
      throw new CheckoutError(`The tree holds ${shownName(name)} twice, as a file and as a folder`);
    }
    onDisk(name, () => rmSync(at(parts), { recursive: true }));
  }

  function makeFolder(parts: Parts): void {
    const name = parts.join('/');
    if (name === '' || real.has(name)) return;
    makeFolder(parts.slice(0, -1));
    onDisk(name, () => {
      const found = statOf(at(parts));
      if (found && !found.isDirectory()) {
        if (manifest.isFile(name)) throw Object.assign(new Error(name), { code: 'ENOTDIR' });
        unlinkSync(at(parts));
      }
      if (!found?.isDirectory()) mkdirSync(at(parts), { mode: 0o755 });
    });
    if (real.size === mostKnown) real.clear();
    real.add(name);
  }

  function clear(parts: Parts): void {
    makeFolder(parts.slice(0, -1));
    const found = statOf(at(parts));
    if (found?.isDirectory()) removeFolder(parts);
    else if (found) onDisk(parts.join('/'), () => unlinkSync(at(parts)));
  }

  const isReachable = (parts: Parts): boolean => {
    const folder = parts.slice(0, -1);
    const isFolder = (_: string, end: number): boolean =>
      statOf(at(folder.slice(0, end + 1)))?.isDirectory() ?? false;
    return real.has(folder.join('/')) || folder.every(isFolder);
  };

  return {
    root,
    makeFolder,
    place(parts, file) {
      makeFolder(parts.slice(0, -1));
      try {
        renameSync(file, at(parts));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EISDIR')
          throw diskError(parts.join('/'), error);
        removeFolder(parts);
        onDisk(parts.join('/'), () => renameSync(file, at(parts)));
      }
    },
    clear,
    look: (parts) => (isReachable(parts) ? statOf(at(parts)) : undefined),
    remove(parts, isFolder) {
      if (!isReachable(parts)) return;
      const found = statOf(at(parts));
      if (found && !found.isDirectory()) onDisk(parts.join('/'), () => unlinkSync(at(parts)));
      if (found?.isDirectory() && !isFolder) return;
      removeEmpty(isFolder ? parts : parts.slice(0, -1));
    },
  };

  /** Folders that this round names stay, empty or not; so do those that hold what is not ours. */
  function removeEmpty(parts: Parts): void {
    for (let left = parts; left.length > 0; left = left.slice(0, -1)) {
      if (manifest.isClaimed(left.join('/'))) return;
      try {
        rmdirSync(at(left));
      } catch {
        return;
      }
    }
  }
}

const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Below a file.
    return undefined;
  }
};
