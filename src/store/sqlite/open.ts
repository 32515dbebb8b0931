import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import type { Told } from '../sql/database.ts';
import { schemaIn, stepsFrom } from '../sql/schema.ts';
import { createStore } from '../sql/store.ts';
import type { Store, StoreDeps, StoreOptions } from '../store.ts';
import { createWatchers } from '../watchers.ts';
import { createDatabase, type Outbox } from './database.ts';
import { corrupt, faultOf } from './faults.ts';
import { applicationId, inspect } from './inspect.ts';
import { lockFolder } from './lock.ts';
import { createPrivate, makePrivate } from './private.ts';
import { createQueue } from './queue.ts';

export const fileName = 'slipway.db';
/** Checked whole at the start up to this size, in less than a tenth of a second; beyond it when a page is read. */
const checkedBytes = 32 * 1024 * 1024;

const steps = schemaIn({
  serial: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  number: 'INTEGER',
  bytes: 'BLOB',
  table: ' STRICT',
  keyed: ' STRICT, WITHOUT ROWID',
});

/** The embedded store: one folder, one process. */
export async function openSqlite(
  folder: string,
  deps: StoreDeps,
  options: StoreOptions,
): Promise<Store> {
  makeFolder(folder);
  const unlock = await lockFolder(folder, deps.clock);
  const file = path.join(folder, fileName);
  const opened: DatabaseSync[] = [];
  try {
    const isNew = inspect(file) === 'absent';
    createPrivate(file);
    makePrivate(folder, deps.log);
    if (!isNew) check(file);
    const writer = connect(file, opened);
    prepare(writer, isNew, file);
    const reader = connect(file, opened);
    reader.exec('PRAGMA query_only = 1');
    const store = build({ file, writer, reader }, deps, options);
    return {
      ...store,
      async close() {
        await store.close();
        unlock();
      },
    };
  } catch (error) {
    for (const connection of opened) connection.close();
    unlock();
    throw faultOf(error, file);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError(
      'unavailable',
      `data_dir ${folder} cannot be made: ${(error as Error).message}`,
      error,
    );
  }
}

function connect(file: string, opened: DatabaseSync[]): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: 1000, enableForeignKeyConstraints: true });
  opened.push(connection);
  return connection;
}

function prepare(writer: DatabaseSync, isNew: boolean, file: string): void {
  // In the header before there is a log, where the next start looks for it.
  if (isNew) writer.exec(`PRAGMA application_id = ${applicationId}`);
  // Others may look while we write, and a commit is on the disk when it returns; from the log, pages go to the file in
  // one go for many commits.
  writer.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864',
  );
  migrate(writer, file);
  // We have the folder's lock: whoever owned a run, or was telling of one, is dead.
  writer.exec("UPDATE run SET owner = NULL WHERE status = 'IN_PROGRESS' AND owner IS NOT NULL");
  writer.exec('UPDATE telling SET until = 0 WHERE teller IS NOT NULL');
}

const number = (connection: DatabaseSync, pragma: string): number =>
  Number(Object.values(connection.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);

/** By a connection that cannot write, for a damaged file is evidence. */
function check(file: string): void {
  const looker = new DatabaseSync(file, { readOnly: true });
  try {
    if (number(looker, 'page_count') * number(looker, 'page_size') > checkedBytes) return;
    const [found] = looker.prepare('PRAGMA quick_check(1)').all();
    if (found?.quick_check !== 'ok') throw corrupt(file, found?.quick_check);
  } finally {
    looker.close();
  }
}

function migrate(writer: DatabaseSync, file: string): void {
  for (const { sql, leadsTo } of stepsFrom(number(writer, 'user_version'), steps, file)) {
    writer.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${leadsTo}; COMMIT`);
  }
}

type Connected = {
  readonly file: string;
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
};

function build(connected: Connected, deps: StoreDeps, options: StoreOptions): Store {
  const watchers = createWatchers(deps.log);
  const told: Told[] = [];
  const news: Outbox = {
    count: () => told.length,
    keep: (count) => void told.splice(count),
    send() {
      for (const one of told.splice(0)) watchers.tell(one);
    },
  };
  const db = createDatabase({ ...connected, news });
  const herald = {
    tell: async (_: unknown, changes: readonly Told[]): Promise<void> => void told.push(...changes),
  };
  return createStore({ ...deps, db, queue: createQueue(deps.clock), herald, watchers, options });
}
