import { type Dirent, unlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { diskError, onDisk } from '../tree/disk.ts';
import { below, itemsOf, removeTree } from '../tree/remove.ts';
import { demandGoing } from '../tree/stopped.ts';
import type { Manifest } from './manifest.ts';

/**
 * Removes everything that this round has not named, where nobody remembers what an earlier one has put there. Resolves
 * to how many items of the tree that were, a folder with all that is in it counting as one.
 */
export async function removeOthers(
  root: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  const visit = async (folder: Buffer, parents: readonly string[]): Promise<void> => {
    for (const item of onDisk(parents.join('/'), () => itemsOf(folder))) {
      await setImmediate();
      demandGoing(signal);
      const parts = [...parents, item.name.toString()];
      const path = below(folder, item.name);
      const name = parts.join('/');
      if (isNamed(item, name, manifest)) {
        if (item.isDirectory()) await visit(path, parts);
        continue;
      }
      try {
        if (item.isDirectory()) await removeTree(path);
        else unlinkSync(path);
      } catch (error) {
        throw diskError(name, error);
      }
      removed += 1;
    }
  };
  await visit(Buffer.from(root), []);
  return removed;
}

function isNamed(item: Dirent<Buffer>, name: string, manifest: Manifest): boolean {
  // What is no text is no name of a tree, and may read as one.
  if (!Buffer.from(name.slice(name.lastIndexOf('/') + 1)).equals(item.name)) return false;
  return manifest.isClaimed(name) || (item.isDirectory() && manifest.hasBelow(name));
}
