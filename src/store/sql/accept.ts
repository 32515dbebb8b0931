import type { Clock } from '../../clock.ts';
import type { Run } from '../run.ts';
import type { Acceptance } from '../store.ts';
import { type Herald, places, type Queue, type Row, type Session } from './database.ts';
import { record } from './events.ts';
import { identities, judgeAll, type Numbered } from './known.ts';
import { clean, columnsOf, runOf, shown, untouched } from './rows.ts';

export type SqlDeps = {
  readonly clock: Clock;
  readonly queue: Queue;
  readonly herald: Herald;
};

export type Accepted = {
  readonly acceptances: readonly Acceptance[];
  /** Waiting runs that newer ones have ended. */
  readonly superseded: readonly Run[];
};

/** Takes in all intakes of a moment, in their order, as if one after the other. */
export async function acceptAll(
  session: Session,
  intakes: readonly Numbered[],
  { clock, queue, herald }: SqlDeps,
): Promise<Accepted> {
  await queue.lock(session);
  const verdicts = await judgeAll(session, intakes);
  const fresh = intakes.filter((_, index) => verdicts[index]?.isNew);
  const now = clock.now();
  const rows = fresh.map((intake) => rowOf(intake, now));
  const seqs = await insert(session, rows);
  const superseded = await supersede(session, fresh, { seqs, now });
  const ended = new Set(superseded.map(({ id }) => id));
  const waiting = fresh.filter(({ id }) => !ended.has(id));
  await queue.add(
    session,
    waiting.map(({ id, run }) => ({ id, slot: clean(run.slot) })),
  );
  await herald.tell(session, [
    ...waiting.map(({ id }) => ({ id, what: 'waiting' as const })),
    ...superseded.map(({ id }) => ({ id, what: 'ended' as const })),
  ]);
  const written = rows.filter(({ id }) => !ended.has(String(id)));
  const runs = new Map(written.map((row) => [String(row.id), runOf({ ...untouched, ...row })]));
  const others = new Set(verdicts.map(({ of }) => of).filter((id) => !runs.has(id)));
  for (const run of await find(session, [...others])) runs.set(run.id, run);
  const acceptances = verdicts.map(({ outcome, of }): Acceptance => {
    const run = runs.get(of);
    if (!run) throw new Error(`run ${of} was written and is not there`);
    return { outcome, run };
  });
  return { acceptances, superseded };
}

async function find(session: Session, ids: readonly string[]): Promise<readonly Run[]> {
  if (ids.length === 0) return [];
  const sql = `SELECT ${shown} FROM run WHERE id IN (${places(ids.length)})`;
  return (await session.query(sql, ids)).map(runOf);
}

const rowOf = (intake: Numbered, now: number): Row => ({
  id: intake.id,
  ...columnsOf(intake.run),
  idempotency_key: identities.idempotency_key(intake) ?? null,
  body_hash: intake.key?.bodyHash ?? null,
  event: identities.event(intake) ?? null,
  created_at: now,
});

/** That it waits is in the run's own row; events are written from the second on. */
async function insert(
  session: Session,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, number>> {
  if (rows.length === 0) return new Map();
  const columns = Object.keys(rows[0] ?? {});
  const tuples = rows.map((_, index) => `(${places(columns.length, index * columns.length)})`);
  // One that is asked for again, after a commit of which nobody heard, is there already.
  const added = await session.query(
    `INSERT INTO run (${columns.join(', ')}) VALUES ${tuples.join(', ')}
     ON CONFLICT (id) DO NOTHING RETURNING id, seq`,
    rows.flatMap((row) => columns.map((column) => row[column] ?? null)),
  );
  return new Map(added.map((row) => [String(row.id), Number(row.seq)]));
}

/** Ends what waits in front of the newest `latest` of each slot. */
async function supersede(
  session: Session,
  fresh: readonly Numbered[],
  { seqs, now }: { readonly seqs: ReadonlyMap<string, number>; readonly now: number },
): Promise<readonly Run[]> {
  const newest = new Map<string, number>();
  for (const { id, run, busy } of fresh) {
    const slot = clean(run.slot);
    if (busy === 'latest') newest.set(slot, Math.max(newest.get(slot) ?? 0, seqs.get(id) ?? 0));
  }
  const ended: Run[] = [];
  const text = 'a newer run took its place';
  for (const [slot, seq] of newest) {
    const rows = await session.query(
      `UPDATE run SET status = 'SUPERSEDED', progress = $1, ended_at = $2, events = events + 1
       WHERE slot = $3 AND status = 'QUEUED' AND seq < $4
       RETURNING ${shown}, events`,
      [text, now, slot, seq],
    );
    ended.push(...rows.map(runOf));
    await record(
      session,
      rows.map((row) => ({
        seq: Number(row.seq),
        number: Number(row.events),
        at: now,
        happened: { what: 'status', status: 'SUPERSEDED', text },
      })),
    );
  }
  return ended;
}
