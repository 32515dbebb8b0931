import type { Clock } from '../../clock.ts';
import type { Claimed, Queue, Session } from '../sql/database.ts';

/** By slots, which are few: of one that is busy, all that wait are passed over at once. */
const next = `WITH RECURSIVE waiting (slot) AS (
    SELECT min(slot) FROM run INDEXED BY run_waiting WHERE status = 'QUEUED'
    UNION ALL
    SELECT (SELECT min(slot) FROM run INDEXED BY run_waiting WHERE status = 'QUEUED' AND slot > waiting.slot)
      FROM waiting WHERE waiting.slot IS NOT NULL)
  SELECT id, attempt + 1 AS attempt FROM run WHERE seq = COALESCE(
    (SELECT min(seq) FROM run WHERE status = 'IN_PROGRESS' AND owner IS NULL),
    (SELECT min((SELECT min(seq) FROM run WHERE status = 'QUEUED' AND slot = waiting.slot))
      FROM waiting WHERE waiting.slot IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM run AS other WHERE other.slot = waiting.slot AND other.status = 'IN_PROGRESS')))`;

/**
 * One process has all runs, and its lock lasts as long as it does: so a lease needs no time, and a clock that jumps
 * takes none away.
 */
export function createQueue(clock: Clock): Queue {
  const isOurs = async (session: Session, { id, attempt }: Claimed): Promise<boolean> => {
    const sql = `SELECT 1 FROM run
      WHERE id = $1 AND attempt = $2 AND owner IS NOT NULL AND status = 'IN_PROGRESS'`;
    return (await session.query(sql, [id, attempt])).length > 0;
  };
  return {
    // SQLite has one writer at a time, and the runs themselves are the queue.
    lock: async () => {},
    add: async () => {},
    forget: async () => {},
    async take(session) {
      const [row] = await session.query(next);
      return row && { id: String(row.id), attempt: Number(row.attempt) };
    },
    renew: isOurs,
    finish: isOurs,
    giveBack: isOurs,
    time: async () => clock.now(),
  };
}
