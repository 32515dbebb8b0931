import pg from 'pg';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { StoreError } from '../errors.ts';

export const schema = 'slipway';

/** Of one replica; PostgreSQL has 100 by default, and one more of ours listens. */
const mostConnections = 8;

/** For every connection: who it is, where its tables are, and that no replica's silence holds the others up. */
export function connectionOptions(databaseUrl: string): pg.ClientConfig {
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:$/.test(new URL(databaseUrl).protocol)) {
    throw new StoreError(
      'unavailable',
      'database_url is no URL of PostgreSQL; write postgres://user:password@host/database',
    );
  }
  return {
    connectionString: databaseUrl,
    application_name: 'slipway',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    query_timeout: 30_000,
    options: [
      `-c search_path=${schema}`,
      '-c idle_in_transaction_session_timeout=10s',
      '-c statement_timeout=20s',
      '-c lock_timeout=15s',
      '-c synchronous_commit=on',
    ].join(' '),
  };
}

export function createPool(databaseUrl: string, log: Log): pg.Pool {
  const pool = new pg.Pool({ ...connectionOptions(databaseUrl), max: mostConnections });
  const note = (error: Error): void =>
    log.debug(`a connection to the database ended: ${messageOf(error)}`);
  // Whoever was using it hears by its query; without a listener each would end the process.
  pool.on('error', note);
  pool.on('connect', (client) => void client.on('error', note));
  return pool;
}
