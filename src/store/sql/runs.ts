import type { Filter, Runs } from '../store.ts';
import { places, type Row, type Session, type Value } from './database.ts';
import { acceptance, eventOf } from './events.ts';
import { scopedKey } from './known.ts';
import { readLog } from './log-text.ts';
import { clean, runOf, shown } from './rows.ts';

const usual = 50;
const most = 500;
const mostEvents = 1000;
const usualLogBytes = 256 * 1024;

export function createRuns(session: Session): Runs {
  const find = async (column: string, value: string): Promise<Row | undefined> =>
    (await session.query(`SELECT ${shown}, log_size FROM run WHERE ${column} = $1`, [value]))[0];
  return {
    async get(id) {
      const row = await find('id', clean(id));
      return row && runOf(row);
    },
    async request(id) {
      const sql = 'SELECT request FROM run WHERE id = $1';
      const [row] = await session.query(sql, [clean(id)]);
      return row && JSON.parse(String(row.request));
    },
    async byKey(scope, key) {
      const row = await find('idempotency_key', scopedKey(scope, key));
      return row && runOf(row);
    },
    async list(filter) {
      const limit = Math.min(Math.max(filter.limit ?? usual, 1), most);
      const { where, values } = conditions(filter);
      const rows = await session.query(
        `SELECT ${shown} FROM run ${where} ORDER BY seq DESC LIMIT $${values.length + 1}`,
        [...values, limit + 1],
      );
      const page = rows.slice(0, limit);
      const next = rows.length > limit ? { next: String(page.at(-1)?.seq) } : {};
      return { runs: page.map(runOf), ...next };
    },
    async events(id, after = 0) {
      const row = await find('id', clean(id));
      if (!row) return [];
      const first = after < 1 ? [acceptance(Number(row.created_at))] : [];
      const rows = await session.query(
        'SELECT number, at, happened FROM run_event WHERE run_seq = $1 AND number > $2 ORDER BY number LIMIT $3',
        [Number(row.seq), Math.max(after, 1), mostEvents - first.length],
      );
      return [...first, ...rows.map(eventOf)];
    },
    async log(id, from = 0, length = usualLogBytes) {
      const row = await find('id', clean(id));
      const run = { seq: Number(row?.seq ?? 0), size: Number(row?.log_size ?? 0) };
      return readLog(session, run, { from: Math.min(from, run.size), most: length });
    },
  };
}

function conditions({ deployments, environment, statuses, cursor }: Filter): {
  readonly where: string;
  readonly values: readonly Value[];
} {
  const parts: string[] = [];
  const values: Value[] = [];
  const oneOf = (column: string, wanted: readonly string[] | undefined): void => {
    if (!wanted) return;
    // No name at all fits nothing.
    parts.push(
      wanted.length > 0 ? `${column} IN (${places(wanted.length, values.length)})` : '1 = 0',
    );
    values.push(...wanted.map(clean));
  };
  oneOf('deployment', deployments);
  oneOf('environment', environment === undefined ? undefined : [environment]);
  oneOf('status', statuses);
  // A cursor that we did not write is the start.
  if (cursor !== undefined && /^\d{1,15}$/.test(cursor)) {
    parts.push(`seq < $${values.length + 1}`);
    values.push(Number(cursor));
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values };
}
