import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { LeaseLost, passes } from '../errors.ts';
import type { RunChange } from '../run.ts';
import type { Ending, Lease } from '../store.ts';
import type { SqlDeps } from './accept.ts';
import type { Claimed, Database, Row, Session, Value } from './database.ts';
import { counted, type Happened, mostChanges, record } from './events.ts';
import { append, type LogBounds } from './log-text.ts';
import { createLogWriter } from './log-writer.ts';
import { cancelOf, changeable, clean, runOf, shown } from './rows.ts';

export type LeaseDeps = SqlDeps & {
  readonly db: Database;
  readonly log: Log;
  readonly bounds: LogBounds;
};

const patienceMs = 120_000;
const pauseMs = 1000;

/** Only while we own it. After the values: the run's id and our attempt. */
const owned = (after: number): string =>
  `WHERE id = $${after + 1} AND attempt = $${after + 2} AND owner IS NOT NULL AND status = 'IN_PROGRESS'`;

/** The claimed run's row, as its owner works on it. */
export function createLease(row: Row, deps: LeaseDeps): Lease {
  const { db, queue, herald, clock } = deps;
  const run = runOf(row);
  const claimed: Claimed = { id: run.id, attempt: Number(row.attempt) };
  const mine = [claimed.id, claimed.attempt] as const;
  const lost = (): LeaseLost => new LeaseLost(claimed.id);

  const update = async (
    session: Session,
    set: string,
    values: readonly Value[] = [],
  ): Promise<Row> => {
    const sql = `UPDATE run SET ${set} ${owned(values.length)} RETURNING ${shown}, events, log_size`;
    const [changed] = await session.query(sql, [...values, ...mine]);
    if (!changed) throw lost();
    return changed;
  };
  const note = (session: Session, changed: Row, happened: Happened): Promise<void> =>
    record(session, [
      { seq: Number(changed.seq), number: Number(changed.events), at: clock.now(), happened },
    ]);
  const renew = async (session: Session): Promise<void> => {
    if (!(await queue.renew(session, claimed))) throw lost();
  };

  /** The store may be full or away; the deploy is under way, and its end must not be lost. */
  async function insist<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const until = clock.now() + patienceMs;
    for (;;) {
      try {
        return await db.write(work);
      } catch (error) {
        if (!passes(error) || clock.now() >= until) throw error;
        deps.log.warn(`run ${claimed.id}: ${error.message}; trying again`);
        await clock.pause(pauseMs);
      }
    }
  }

  const writer = createLogWriter(clock, async (bytes) => {
    try {
      await db.write(async (session) => {
        const changed = await update(session, 'log_size = log_size + $1', [bytes.length]);
        const place = { seq: Number(changed.seq), size: Number(changed.log_size), bytes };
        await append(session, place, deps.bounds);
        await herald.tell(session, [{ id: claimed.id, what: 'log' }]);
      });
    } catch (error) {
      deps.log.warn(
        `run ${claimed.id}: ${bytes.length} bytes of its log are lost: ${messageOf(error)}`,
      );
    }
  });

  /** Its end, unless we have already written it and only the answer was lost. */
  async function finish(
    session: Session,
    status: string,
    { text, outputs, change }: Ending,
  ): Promise<Row> {
    if (!(await queue.finish(session, claimed))) {
      const sql = `SELECT ${shown} FROM run WHERE id = $1 AND attempt = $2 AND status = $3 AND owner IS NULL`;
      const [already] = await session.query(sql, [...mine, status]);
      if (already) return already;
      throw lost();
    }
    const { columns, values } = setting({ ...change, progress: text });
    const ended = await update(
      session,
      [
        ...columns,
        `status = $${values.length + 1}, outputs = $${values.length + 2}, ended_at = $${values.length + 3}`,
        'owner = NULL, checkpoint = NULL',
        counted,
      ].join(', '),
      [...values, status, JSON.stringify(outputs ?? {}), clock.now()],
    );
    await note(session, ended, { what: 'status', status: status as 'SUCCESS', text: clean(text) });
    await herald.tell(session, [{ id: claimed.id, what: 'ended' }]);
    return ended;
  }

  return {
    run,
    request: JSON.parse(String(row.request)),
    attempt: claimed.attempt,
    checkpoint: row.checkpoint === null ? undefined : JSON.parse(String(row.checkpoint)),
    renew: () =>
      db.write(async (session) => {
        await renew(session);
        const sql = `SELECT cancel_at, cancel_by, cancel_reason FROM run ${owned(0)}`;
        const [current] = await session.query(sql, mine);
        if (!current) throw lost();
        return current.cancel_at === null ? undefined : cancelOf(current);
      }),
    save: (checkpoint) =>
      insist(async (session) => {
        await renew(session);
        await update(session, 'checkpoint = $1', [JSON.stringify(checkpoint)]);
      }),
    tell: (change) =>
      db.write(async (session) => {
        const { columns, values } = setting(change);
        if (columns.length === 0) return;
        const changed = await update(session, [...columns, counted].join(', '), values);
        if (Number(changed.events) <= mostChanges) {
          await note(session, changed, { what: 'changed', change });
        }
        await herald.tell(session, [{ id: claimed.id, what: 'changed' }]);
      }),
    log: (bytes) => writer.write(bytes),
    async end(status, words) {
      await writer.flush();
      return runOf(await insist((session) => finish(session, status, words)));
    },
    async release() {
      await writer.flush();
      await db.write(async (session) => {
        if (!(await queue.giveBack(session, claimed))) throw lost();
        await update(session, 'owner = NULL');
        await herald.tell(session, [{ id: claimed.id, what: 'waiting' }]);
      });
    },
  };
}

/** What a change sets, from the first value on. */
function setting(change: RunChange): {
  readonly columns: readonly string[];
  readonly values: readonly Value[];
} {
  const known = Object.entries(changeable).flatMap(([key, column]) => {
    const value = change[key as keyof RunChange];
    return value === undefined ? [] : [{ column, value: clean(value) }];
  });
  return {
    columns: known.map(({ column }, index) => `${column} = $${index + 1}`),
    values: known.map(({ value }) => value),
  };
}
