import { randomInt } from 'node:crypto';
import type pg from 'pg';
import { messageOf } from '../../errors.ts';
import { schemaIn, stepsFrom } from '../sql/schema.ts';
import { createStore } from '../sql/store.ts';
import type { Store, StoreDeps, StoreOptions } from '../store.ts';
import { createWatchers } from '../watchers.ts';
import { createDatabase } from './database.ts';
import { faultOf } from './faults.ts';
import { createListener, herald } from './listen.ts';
import { freeOrphans } from './orphans.ts';
import { createPool, schema } from './pool.ts';
import { createQueue } from './queue.ts';

/** Any number that no other program locks by. */
const migrationLock = 0x534c_4951;

const steps = schemaIn({
  serial: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  number: 'bigint',
  bytes: 'bytea',
  table: '',
  keyed: '',
});

/** The store for any number of replicas. Rejects when the database does not serve. */
export async function openPostgres(
  databaseUrl: string,
  deps: StoreDeps,
  options: StoreOptions,
): Promise<Store> {
  const pool = createPool(databaseUrl, deps.log);
  const watchers = createWatchers(deps.log);
  const { db, clientOf } = createDatabase(pool);
  const holder = randomInt(1, 2 ** 31);
  const queue = createQueue(pool, clientOf, { leaseMs: options.leaseMs, holder, log: deps.log });
  const listener = createListener(databaseUrl, { ...deps, holder, tell: watchers.tell });
  try {
    await setUp(pool, () => queue.start());
    await listener.start();
  } catch (error) {
    await queue.stop().catch(() => {});
    await pool.end();
    throw faultOf(error);
  }
  const store = createStore({ ...deps, db, queue, herald, watchers, options });
  const closing = new AbortController();
  const freeing = freeOrphans({ ...deps, db, queue, herald }, closing.signal).catch((error) =>
    deps.log.debug(`runs of dead processes wait for their leases: ${messageOf(error)}`),
  );
  return {
    ...store,
    async close() {
      closing.abort();
      await freeing;
      await listener.stop();
      await queue.stop();
      await store.close();
    },
  };
}

/** Replicas that start at once wait for the first, which sets up the queue's tables too. */
async function setUp(pool: pg.Pool, startQueue: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const limit of [
      'lock_timeout',
      'statement_timeout',
      'idle_in_transaction_session_timeout',
    ]) {
      await client.query(`SET LOCAL ${limit} = 0`);
    }
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await migrate(client);
    await startQueue();
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function migrate(client: pg.PoolClient): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)');
  const { rows } = await client.query('SELECT max(version) AS version FROM schema_version');
  const schemaThere = Number(rows[0]?.version ?? 0);
  const due = stepsFrom(schemaThere, steps, 'the database of database_url');
  for (const { sql } of due) await client.query(sql);
  if (due.length === 0) return;
  await client.query('DELETE FROM schema_version');
  await client.query('INSERT INTO schema_version VALUES ($1)', [steps.length]);
}
