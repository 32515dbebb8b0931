import { rmSync, type Stats } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CheckoutError } from '../../errors.ts';
import { statOf } from '../tree/disk.ts';

const layout = `
  CREATE TABLE IF NOT EXISTS items (
    path TEXT PRIMARY KEY, round INTEGER NOT NULL, is_folder INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rounds (round INTEGER NOT NULL);
`;

const ends = ['', '-wal', '-shm', '-journal'];

/**
 * What is remembered beside a tree, of which one process at a time has the lock. Throws a CheckoutError where another
 * has it. What cannot be read, or was not written by us, is begun anew.
 */
export function openDatabase(file: string, place: string): DatabaseSync {
  // SQLite would follow a link, and write into what has a second name elsewhere.
  if (ends.some((end) => isStrange(statOf(`${file}${end}`)))) forget(file);
  try {
    return open(file);
  } catch (error) {
    if (resultOf(error) === busy) {
      throw new CheckoutError(`${place} is being used by another run: give each a diversion_path`);
    }
    if (!(error instanceof Unbelievable) && !unreadable.includes(resultOf(error) ?? 0)) {
      throw unwritable(error, place);
    }
  }
  return noted(place, () => {
    forget(file);
    return open(file);
  });
}

/** Does something to it; what goes wrong is said of the place. */
export function noted<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw unwritable(error, place);
  }
}

function forget(file: string): void {
  for (const end of ends) rmSync(`${file}${end}`, { force: true, recursive: true });
}

const isStrange = (stat: Stats | undefined): boolean =>
  stat !== undefined && (!stat.isFile() || stat.nlink > 1);

/** It can be read, and was not written by us as it stands. */
class Unbelievable extends Error {}

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

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // Exclusive before WAL: then the lock lasts, and there is no shared memory to be mapped.
    database.exec(
      'PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF',
    );
    database.exec(layout);
    demandSound(database);
    database.exec('INSERT INTO rounds SELECT 1 + coalesce(max(round), 0) FROM rounds');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A round that is larger than numbers are would be no round. */
const strangers = `
  SELECT 1 FROM rounds WHERE typeof(round) <> 'integer' OR round NOT BETWEEN 0 AND 1e15
  UNION ALL SELECT 1 FROM items
  WHERE typeof(path) <> 'text' OR typeof(is_folder) <> 'integer'
    OR typeof(round) <> 'integer' OR round NOT BETWEEN 0 AND 1e15
  LIMIT 1
`;

/** A page that is damaged would otherwise be met in the middle of the work, by every run anew. */
function demandSound(database: DatabaseSync): void {
  const { quick_check: found } = database.prepare('PRAGMA quick_check(1)').get() ?? {};
  if (found !== 'ok' || database.prepare(strangers).get()) throw new Unbelievable();
}
