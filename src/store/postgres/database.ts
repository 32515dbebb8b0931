import pg from 'pg';
import type { Database, Row, Session, Value } from '../sql/database.ts';
import { faultOf } from './faults.ts';

const int8 = 20;
/** Sizes and times are below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

type Queryable = Pick<pg.ClientBase, 'query'>;

export const sessionOf = (client: Queryable): Session => ({
  async query(sql, values = []) {
    try {
      const { rows } = await client.query<Record<string, Value>>({
        text: sql,
        values: [...values],
        types,
      });
      return rows as readonly Row[];
    } catch (error) {
      throw faultOf(error);
    }
  },
});

/** What deadlocks and serialisation ask for: the same transaction again. */
const again = new Set(['40001', '40P01']);
const mostTries = 3;

/** `clientOf` gives the connection under a session, for who speaks to PostgreSQL in words of its own. */
export function createDatabase(pool: pg.Pool): {
  readonly db: Database;
  clientOf(session: Session): Queryable;
} {
  const clients = new WeakMap<Session, Queryable>();

  async function transact<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    const session = sessionOf(client);
    clients.set(session, client);
    try {
      await client.query('BEGIN');
      const result = await work(session);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      // A connection that cannot roll back is in no state to be used again.
      const broken = await client.query('ROLLBACK').then(
        () => undefined,
        (reason: Error) => reason,
      );
      client.release(broken);
      throw error;
    }
  }

  const db: Database = {
    read: sessionOf(pool as unknown as Queryable),
    async write(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await transact(work);
        } catch (error) {
          const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
          const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
          if (!again.has(code) || tries === mostTries) throw faultOf(error);
        }
      }
    },
    close: () => pool.end(),
  };
  return {
    db,
    clientOf(session) {
      const client = clients.get(session);
      if (!client) throw new Error('this session is not of a transaction');
      return client;
    },
  };
}
