import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CheckoutError } from '../../errors.ts';
import { shownName } from '../tree/shown.ts';

/**
 * Remembers from run to run what Slipway has put into a tree, and in which round: what an earlier one has put there and
 * this one has not named is gone. Nothing that stands in it makes a file right: that is for the file's own bytes to
 * show. One process at a time has it: SQLite locks the file, and the kernel drops the lock with the process, however it
 * dies. What was written stays, for the disk is not waited for but the process may be killed.
 */
export type Manifest = {
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

const layout = `
  CREATE TABLE IF NOT EXISTS items (
    path TEXT PRIMARY KEY, round INTEGER NOT NULL, is_folder INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rounds (round INTEGER NOT NULL);
`;

/** Throws a CheckoutError where another process has it. What cannot be read is begun anew. */
export function openManifest(file: string, place: string): Manifest {
  try {
    return manifestIn(openDatabase(file), place);
  } catch (error) {
    if (resultOf(error) === busy) {
      throw new CheckoutError(`${place} is being used by another run: give each a diversion_path`);
    }
    if (!unreadable.includes(resultOf(error) ?? 0)) throw unwritable(error, place);
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    return manifestIn(openDatabase(file), place);
  }
}

const busy = 5;
/** Of another layout, damaged, or no database at all. */
const unreadable = [1, 11, 26];
const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;

const unwritable = (error: unknown, place: string): unknown =>
  resultOf(error) === undefined
    ? error
    : new CheckoutError(
        `What is in ${place} cannot be noted beside it (${(error as Error).message}): is the disk full, or not writable?`,
      );

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // Exclusive before WAL: then the lock lasts, and there is no shared memory to be mapped.
    database.exec(
      'PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF',
    );
    database.exec(layout);
    database.exec('INSERT INTO rounds SELECT 1 + coalesce(max(round), 0) FROM rounds');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

type Row = { readonly path: string; readonly round: number; readonly is_folder: number };

function manifestIn(database: DatabaseSync, place: string): Manifest {
  const round = Number(database.prepare('SELECT max(round) AS round FROM rounds').get()?.round);
  const find = database.prepare('SELECT * FROM items WHERE path = ?');
  const name = database.prepare(`INSERT OR REPLACE INTO items VALUES (?, ${round}, ?)`);
  const below = database.prepare(
    `SELECT 1 FROM items WHERE path > ? || '/' AND path < ? || '0' AND round = ${round} LIMIT 1`,
  );
  const gone = database.prepare(
    `SELECT * FROM items WHERE round < ${round} ORDER BY path DESC LIMIT 500`,
  );
  const forget = database.prepare('DELETE FROM items WHERE path = ?');
  const tried = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw unwritable(error, place);
    }
  };
  const claimed = (path: string): Row | undefined => {
    const row = tried(() => find.get(path)) as Row | undefined;
    return row?.round === round ? row : undefined;
  };
  return {
    claim(path, isFolder) {
      if (claimed(path)) throw new CheckoutError(`The tree holds ${shownName(path)} twice`);
      tried(() => name.run(path, isFolder ? 1 : 0));
    },
    isClaimed: (path) => claimed(path) !== undefined,
    isFile: (path) => claimed(path)?.is_folder === 0,
    hasBelow: (path) => tried(() => below.get(path, path) !== undefined),
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
