import type { Run } from '../run.ts';
import type { SqlDeps } from './accept.ts';
import type { Row, Session } from './database.ts';
import { counted, record } from './events.ts';
import { cancelOf, clean, cleaned, runOf, shown } from './rows.ts';

type Wish = { readonly id: string; readonly by: string; readonly reason: string | undefined };

export type Cancelled = {
  /** As it is after that. */
  readonly run: Run | undefined;
  /** It waited, and this ended it. */
  readonly isEnded: boolean;
};

/** Ends a waiting run, or leaves word for the owner of a running one: the first word counts. */
export async function cancelRun(
  session: Session,
  { id, by, reason }: Wish,
  { clock, herald }: SqlDeps,
): Promise<Cancelled> {
  const now = clock.now();
  const asked = await session.query(
    `UPDATE run SET cancel_at = $1, cancel_by = $2, cancel_reason = $3, ${counted},
       status = CASE WHEN status = 'QUEUED' THEN 'CANCELED' ELSE status END,
       progress = CASE WHEN status = 'QUEUED' THEN $4 ELSE progress END,
       ended_at = CASE WHEN status = 'QUEUED' THEN $5 ELSE ended_at END
     WHERE id = $6 AND status IN ('QUEUED', 'IN_PROGRESS') AND cancel_at IS NULL
     RETURNING ${shown}, events`,
    [now, clean(by), cleaned(reason), `cancelled by ${clean(by)}`, now, clean(id)],
  );
  const [row] = asked;
  if (row) {
    const isEnded = row.status === 'CANCELED';
    await tell(session, row, now);
    await herald.tell(session, [{ id, what: isEnded ? 'ended' : 'cancel' }]);
    return { run: runOf(row), isEnded };
  }
  const [current] = await session.query(`SELECT ${shown} FROM run WHERE id = $1`, [clean(id)]);
  return { run: current && runOf(current), isEnded: false };
}

const tell = (session: Session, row: Row, at: number): Promise<void> => {
  const isOver = row.status === 'CANCELED';
  const entry = { seq: Number(row.seq), number: Number(row.events), at };
  return record(session, [
    {
      ...entry,
      happened: isOver
        ? { what: 'status', status: 'CANCELED', text: String(row.progress) }
        : { what: 'cancel', cancel: cancelOf(row) },
    },
  ]);
};
