import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CheckoutError } from '../../errors.ts';
import { shownName } from '../tree/shown.ts';

/** What Slipway itself has put into a tree, as it stood then. */
export type Known = {
  /** `folder`, or what the file was: `sha1:…`. */
  readonly content: string;
  /** Size, times and number of the file; empty where it has not been put there yet. */
  readonly stat: string;
};

/**
 * Remembers from run to run what is in a tree, and from which round: what an earlier one has put there and this one
 * has not named is gone. One process at a time has it: SQLite locks the file, and the kernel drops the lock with the
 * process, however it dies. What was written stays, for the disk is not waited for but the process may be killed.
 */
export type Manifest = {
  known(path: string): Known | undefined;
  /**
   * Names a path in this round, and tells what an earlier one has put there. Throws where this one has named it
   * before: no tree holds a name twice.
   */
  claim(path: string): Known | undefined;
  put(path: string, known: Known): void;
  isClaimed(path: string): boolean;
  /** Whether this round has named anything below. */
  hasBelow(path: string): boolean;
  /** Paths that this round has not named, the deepest of a folder first; each is forgotten as it is given. */
  takeGone(): Generator<{ readonly path: string; readonly isFolder: boolean }>;
  close(): void;
};

const layout = `
  CREATE TABLE IF NOT EXISTS items (
    path TEXT PRIMARY KEY, round INTEGER NOT NULL, content TEXT NOT NULL, stat TEXT NOT NULL
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
    if (![corrupt, noDatabase].includes(resultOf(error) ?? 0)) throw unwritable(error, place);
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    return manifestIn(openDatabase(file), place);
  }
}

const [busy, corrupt, noDatabase] = [5, 11, 26];
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

type Row = Known & { readonly round: number };

function manifestIn(database: DatabaseSync, place: string): Manifest {
  const round = Number(database.prepare('SELECT max(round) AS round FROM rounds').get()?.round);
  const find = database.prepare('SELECT content, stat, round FROM items WHERE path = ?');
  const name = database.prepare(
    `INSERT INTO items VALUES (?, ${round}, '', '') ON CONFLICT (path) DO UPDATE SET round = ${round}`,
  );
  const keep = database.prepare('UPDATE items SET content = ?, stat = ? WHERE path = ?');
  const below = database.prepare(
    `SELECT 1 FROM items WHERE path > ? || '/' AND path < ? || '0' AND round = ${round} LIMIT 1`,
  );
  const gone = database.prepare(
    `SELECT path, content FROM items WHERE round < ${round} ORDER BY path DESC LIMIT 500`,
  );
  const forget = database.prepare('DELETE FROM items WHERE path = ?');
  const tried = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw unwritable(error, place);
    }
  };
  const rowOf = (path: string) => tried(() => find.get(path)) as Row | undefined;
  return {
    known: rowOf,
    claim(path) {
      const row = rowOf(path);
      if (row?.round === round) throw new CheckoutError(`The tree holds ${shownName(path)} twice`);
      tried(() => name.run(path));
      return row;
    },
    put: (path, { content, stat }) => void tried(() => keep.run(content, stat, path)),
    isClaimed: (path) => rowOf(path)?.round === round,
    hasBelow: (path) => tried(() => below.get(path, path) !== undefined),
    *takeGone() {
      const next = () => tried(() => gone.all());
      for (let rows = next(); rows.length > 0; rows = next()) {
        for (const row of rows) {
          const path = String(row.path);
          yield { path, isFolder: row.content === 'folder' };
          tried(() => forget.run(path));
        }
      }
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}
