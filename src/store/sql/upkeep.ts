import type { Clock } from '../../clock.ts';
import { type RunStatus, runStatuses } from '../run.ts';
import type { Counts, Deliveries, Keep } from '../store.ts';
import type { Database, Session } from './database.ts';
import { clean } from './rows.ts';

/** What one call deletes: little enough that nobody waits for it. */
const atOnce = 200;
const over = "status NOT IN ('QUEUED', 'IN_PROGRESS')";

export async function sweep(
  session: Session,
  { maxAgeMs, maxRuns }: Keep,
  now: number,
): Promise<boolean> {
  const oldest = now - maxAgeMs;
  const [last] = await session.query(
    `SELECT seq FROM run WHERE ${over} ORDER BY seq DESC LIMIT 1 OFFSET $1`,
    [maxRuns],
  );
  const deleted = await session.query(
    `DELETE FROM run WHERE seq IN (
       SELECT seq FROM run WHERE ${over} AND (seq <= $1 OR ended_at < $2) ORDER BY seq LIMIT ${atOnce}
     ) RETURNING seq`,
    [Number(last?.seq ?? 0), oldest],
  );
  const forgotten = await session.query(
    `DELETE FROM delivery WHERE id IN (
       SELECT id FROM delivery WHERE at < $1 ORDER BY at LIMIT ${atOnce}
     ) RETURNING id`,
    [oldest],
  );
  return deleted.length === atOnce || forgotten.length === atOnce;
}

export async function countRuns(session: Session): Promise<Counts> {
  const counted = await session.query('SELECT status, count(*) AS runs FROM run GROUP BY status');
  const [oldest] = await session.query(
    "SELECT created_at FROM run WHERE status = 'QUEUED' ORDER BY seq LIMIT 1",
  );
  const byStatus = Object.fromEntries(runStatuses.map((status) => [status, 0])) as Record<
    RunStatus,
    number
  >;
  for (const { status, runs } of counted) byStatus[String(status) as RunStatus] = Number(runs);
  return { byStatus, oldestWaitingAt: oldest ? Number(oldest.created_at) : undefined };
}

export const createDeliveries = (db: Database, clock: Clock): Deliveries => ({
  async get(id) {
    const [row] = await db.read.query('SELECT answer FROM delivery WHERE id = $1', [clean(id)]);
    return row && JSON.parse(String(row.answer));
  },
  keep: (id, answer) =>
    db.write(async (session) => {
      await session.query(
        'INSERT INTO delivery (id, at, answer) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
        [clean(id), clock.now(), JSON.stringify(answer)],
      );
      const [row] = await session.query('SELECT answer FROM delivery WHERE id = $1', [clean(id)]);
      return JSON.parse(String(row?.answer));
    }),
});
