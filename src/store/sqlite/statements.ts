import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Row, Session } from '../sql/database.ts';
import { faultOf } from './faults.ts';

/** Lists of values make as many different statements as there are lengths. */
const mostKept = 300;

type Prepared = { readonly statement: StatementSync; readonly order: readonly number[] };

/** A session on one connection. SQLite answers at once, so that nothing else of the process comes between. */
export function createSession(connection: DatabaseSync, file: string): Session {
  const kept = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const found = kept.get(sql);
    if (found) return found;
    if (kept.size >= mostKept) kept.clear();
    // By place, for of a thousand names SQLite looks up each from the first on.
    const order: number[] = [];
    const placed = sql.replace(/\$(\d+)/g, (_, number) => {
      order.push(number - 1);
      return '?';
    });
    const prepared = { statement: connection.prepare(placed), order };
    kept.set(sql, prepared);
    return prepared;
  };
  return {
    async query(sql, values = []) {
      try {
        const { statement, order } = prepare(sql);
        return statement.all(...order.map((place) => values[place] ?? null)) as readonly Row[];
      } catch (error) {
        throw faultOf(error, file);
      }
    },
  };
}
