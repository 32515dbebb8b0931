import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Database, Herald, Queue, Row, Session } from '../sql/database.ts';

/** The first half of the lock that a process holds while it lives; the second is its own number. */
const livingLock = 0x534c_4952;
/** Whoever lost a connection and lives has another by then. */
const sureMs = 3000;

/** Held by the connection that listens: PostgreSQL drops it with that, as soon as the process is dead. */
export const holdAlive = async (
  client: { query(text: string, values: readonly number[]): Promise<unknown> },
  holder: number,
): Promise<void> => {
  // Shared, for a connection that was lost may still be there as PostgreSQL sees it.
  await client.query('SELECT pg_advisory_lock_shared($1, $2)', [livingLock, holder]);
};

const orphans = `SELECT id, attempt FROM run
  WHERE status = 'IN_PROGRESS' AND owner IS NOT NULL AND holder IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = ${livingLock} AND objid = run.holder::oid)`;

type OrphansDeps = {
  readonly db: Database;
  readonly queue: Queue;
  readonly herald: Herald;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Frees the runs of a process that is dead, most often the one before us, so that they need not wait for its leases to
 * run out. Whoever lives after all has lost them as any lease is lost.
 */
export async function freeOrphans(
  { db, queue, herald, clock, log }: OrphansDeps,
  signal: AbortSignal,
): Promise<void> {
  const suspects = (await db.read.query(orphans)).map(nameOf);
  if (suspects.length === 0) return;
  await clock.pause(sureMs, signal);
  if (signal.aborted) return;
  const freed = await db.write(async (session) => {
    const still = (await session.query(orphans)).filter((row) => suspects.includes(nameOf(row)));
    const ids: string[] = [];
    for (const row of still) if (await free(session, row, queue)) ids.push(String(row.id));
    await herald.tell(
      session,
      ids.map((id) => ({ id, what: 'waiting' as const })),
    );
    return ids;
  });
  for (const id of freed) log.info(`The process that had run ${id} is gone`, { run: id });
}

const nameOf = ({ id, attempt }: Row): string => `${id} ${attempt}`;

async function free(session: Session, { id, attempt }: Row, queue: Queue): Promise<boolean> {
  const claimed = { id: String(id), attempt: Number(attempt) };
  if (!(await queue.giveBack(session, claimed))) return false;
  await session.query('UPDATE run SET owner = NULL WHERE id = $1 AND attempt = $2', [
    claimed.id,
    claimed.attempt,
  ]);
  return true;
}
