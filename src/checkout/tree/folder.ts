import { mkdirSync, mkdtempSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { CheckoutError } from '../../errors.ts';
import { removeTree } from './remove.ts';

/** What the names of such folders begin with. */
export const ownPrefix = 'slipway-tree-';

/** A folder that nobody else may enter, for one run. */
export type Folder = {
  /** An empty folder in it; what an earlier try has left is gone. */
  fresh(): Promise<string>;
  /** Rejects when something stays behind. */
  remove(): Promise<void>;
};

/** In the first of the places that can be written; the tree has the name that a clone would have. */
export function createFolder(places: readonly string[], name: string): Folder {
  const own = findPlace(places.filter(isAbsolute));
  // A name of dots would be the place itself, or what is above it.
  const tree = join(own, /^[\w-][\w.-]*$/.test(name) ? name : 'tree');
  return {
    async fresh() {
      await removeTree(tree);
      mkdirSync(tree);
      return tree;
    },
    remove: () => removeTree(own),
  };
}

function findPlace(places: readonly string[]): string {
  for (const place of places) {
    try {
      return mkdtempSync(join(place, ownPrefix));
    } catch {
      // The next one, then.
    }
  }
  throw new CheckoutError(
    `There is no folder for the source tree: none of ${places.join(', ') || 'no places'} can be written; set TMPDIR to one that can`,
  );
}
