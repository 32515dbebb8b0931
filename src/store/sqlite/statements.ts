import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Row, Session, Value } from '../sql/database.ts';
import { faultOf } from './faults.ts';

/** Lists of values make as many different statements as there are lengths. */
const mostKept = 300;

/** A session on one connection. SQLite answers at once, so that nothing else of the process comes between. */
export function createSession(connection: DatabaseSync, file: string): Session {
  const kept = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const found = kept.get(sql);
    if (found) return found;
    if (kept.size >= mostKept) kept.clear();
    const statement = connection.prepare(sql);
    kept.set(sql, statement);
    return statement;
  };
  return {
    async query(sql, values = []) {
      const named: Record<string, Value> = {};
      values.forEach((value, index) => {
        named[`$${index + 1}`] = value;
      });
      try {
        return prepare(sql).all(named) as readonly Row[];
      } catch (error) {
        throw faultOf(error, file);
      }
    },
  };
}
