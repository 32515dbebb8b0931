import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { CheckoutError } from '../../errors.ts';
import { statOf } from '../tree/disk.ts';
import { shownName } from '../tree/shown.ts';
import { noted, openDatabase } from './database.ts';

/**
 * Remembers from run to run what Slipway has put into a tree, and in which round: what an earlier one has put there and
 * this one has not named is gone. Nothing that stands in it makes a file right: that is for the file's own bytes to
 * show. One process at a time has it: SQLite locks the file, and the kernel drops the lock with the process, however it
 * dies. What was written stays, for the disk is not waited for but the process may be killed.
 */
export type Manifest = {
  /** False: what an earlier run has put into the tree may be unknown here, for what was remembered was lost. */
  readonly isWhole: boolean;
  /** From now on everything that is ours in the tree stands in it. */
  markWhole(): void;
  /** Names a path in this round. Throws where that has been done before: no tree holds a name twice. */
  claim(path: string, isFolder: boolean): void;
  isClaimed(path: string): boolean;
  /** Whether this round has named it, and not as a folder. */
  isFile(path: string): boolean;
  /** Whether this round has named anything below. */
  hasBelow(path: string): boolean;
  /** Paths that this round has not named, the deepest of a folder first; each is forgotten as it is given. */
  takeGone(): Generator<Item>;
  close(): void;
};
export type Item = { readonly path: string; readonly isFolder: boolean };

/** Of `user_version`; what is begun anew has another. */
const whole = 1;

/**
 * Throws a CheckoutError where another process has it. What cannot be read is begun anew. `isFolding`: names that
 * differ in case only are one, by default where the disk has it so.
 */
export const openManifest = (
  file: string,
  place: string,
  isFolding: () => boolean = () => isFolded(file),
): Manifest => manifestIn(openDatabase(file, place), place, isFolding());

function isFolded(file: string): boolean {
  const other = statOf(join(dirname(file), basename(file).toUpperCase()));
  return other !== undefined && other.ino === statOf(file)?.ino;
}

type Row = { readonly path: string; readonly is_folder: number };

function manifestIn(database: DatabaseSync, place: string, isFolding: boolean): Manifest {
  const numberOf = (query: string): number =>
    Number(Object.values(database.prepare(query).get() ?? {})[0]);
  const round = numberOf('SELECT max(round) FROM rounds');
  const find = database.prepare(
    `SELECT path, is_folder <> 0 AS is_folder FROM items WHERE path = ? AND round = ${round}`,
  );
  const name = database.prepare(`INSERT OR REPLACE INTO items VALUES (?, ${round}, ?)`);
  const below = database.prepare(
    `SELECT 1 FROM items WHERE path > ? || '/' AND path < ? || '0' AND round = ${round} LIMIT 1`,
  );
  const gone = database.prepare(
    `SELECT path, is_folder <> 0 AS is_folder FROM items WHERE round <> ${round} ORDER BY path DESC LIMIT 500`,
  );
  const forget = database.prepare('DELETE FROM items WHERE path = ?');
  const tried = <T>(act: () => T): T => noted(place, act);
  const key = (path: string): string => (isFolding ? path.normalize('NFC').toLowerCase() : path);
  const claimed = (path: string): Row | undefined =>
    tried(() => find.get(key(path))) as Row | undefined;
  return {
    isWhole: numberOf('PRAGMA user_version') === whole,
    markWhole: () => tried(() => database.exec(`PRAGMA user_version = ${whole}`)),
    claim(path, isFolder) {
      if (claimed(path)) {
        const why = isFolding ? ', for this file system, where the case of a name is nothing' : '';
        throw new CheckoutError(`The tree holds ${shownName(path)} twice${why}`);
      }
      tried(() => name.run(key(path), isFolder ? 1 : 0));
    },
    isClaimed: (path) => claimed(path) !== undefined,
    isFile: (path) => claimed(path)?.is_folder === 0,
    hasBelow: (path) => tried(() => below.get(key(path), key(path)) !== undefined),
    *takeGone() {
      const next = () => tried(() => gone.all()) as Row[];
      for (let rows = next(); rows.length > 0; rows = next()) {
        for (const { path, is_folder } of rows) {
          yield { path, isFolder: is_folder === 1 };
          tried(() => forget.run(path));
        }
      }
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}
