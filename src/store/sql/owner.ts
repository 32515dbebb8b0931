import { stopwatch } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { LeaseLost, passes } from '../errors.ts';
import type { Run, RunChange } from '../run.ts';
import type { SqlDeps } from './accept.ts';
import type { Claimed, Database, Row, Session, Value } from './database.ts';
import { type Happened, record } from './events.ts';
import type { LogBounds } from './log-text.ts';
import { changeable, clean, shown } from './rows.ts';

export type LeaseDeps = SqlDeps & {
  readonly db: Database;
  readonly log: Log;
  readonly bounds: LogBounds;
  ended(run: Run): void;
};

/** What the owner of a run does to its row: each refused once the run is no longer its own. */
export type Owner = {
  readonly claimed: Claimed;
  /** Time that processes have worked on it, in ms. */
  spent(): number;
  /** Sets columns, and always what was spent so far. */
  update(session: Session, set: readonly string[], values?: readonly Value[]): Promise<Row>;
  note(session: Session, changed: Row, happened: Happened): Promise<void>;
  /** Rejects unless the queue says that the lease is ours: to be asked before the row, as the next owner does. */
  must(held: Promise<boolean>): Promise<void>;
  /** A write that waits out a store that is full or away: the deploy is under way, and this must not be lost. */
  insist<T>(work: (session: Session) => Promise<T>): Promise<T>;
};

/** Values of ours before it: so many. */
const owned = (before: number): string =>
  `WHERE id = $${before + 1} AND attempt = $${before + 2} AND owner IS NOT NULL AND status = 'IN_PROGRESS'`;

const patienceMs = 120_000;
const pauseMs = 1000;

/** `spentMs`: what was spent on it before this claim. */
export function createOwner(
  { spentMs, ...claimed }: Claimed & { readonly spentMs: number },
  { db, clock, log }: LeaseDeps,
): Owner {
  const sinceClaim = stopwatch();
  const spent = (): number => spentMs + sinceClaim();
  const mine = [claimed.id, claimed.attempt] as const;
  const lost = (): LeaseLost => new LeaseLost(claimed.id);
  const only = ([row]: readonly Row[]): Row => {
    if (!row) throw lost();
    return row;
  };
  return {
    claimed,
    spent,
    async update(session, set, values = []) {
      const all = [...set, `spent_ms = $${values.length + 1}`].join(', ');
      const sql = `UPDATE run SET ${all} ${owned(values.length + 1)} RETURNING ${shown}, events, log_size`;
      return only(await session.query(sql, [...values, spent(), ...mine]));
    },
    note: (session, { seq, events }, happened) =>
      record(session, [{ seq: Number(seq), number: Number(events), at: clock.now(), happened }]),
    async must(held) {
      if (!(await held)) throw lost();
    },
    async insist(work) {
      const waited = stopwatch();
      for (;;) {
        try {
          return await db.write(work);
        } catch (error) {
          if (!passes(error) || waited() >= patienceMs) throw error;
          log.warn(`run ${claimed.id}: ${error.message}; trying again`);
          await clock.pause(pauseMs);
        }
      }
    },
  };
}

/** What a change sets, from the first value on. */
export function setting(change: RunChange): {
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
