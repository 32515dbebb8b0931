import type { Telling, Tellings } from '../store.ts';
import { type Database, places, type Queue, type Session, type Value } from './database.ts';
import { clean, runOf, shown } from './rows.ts';

const most = 200;

/** A ref alone is looked up when its turn comes: until then nobody knows of which commit to speak. */
const waits = "status = 'QUEUED' AND (commit_sha IS NOT NULL OR deployment_id IS NOT NULL)";
const endedUnbegun = "status IN ('CANCELED', 'SUPERSEDED') AND started_at IS NULL";

/** That status was told, or how the run stands is being told. */
const isSettled = (status: string, now: string): string =>
  `CASE WHEN telling.teller IS NULL THEN telling.status = ${status} ELSE telling.until > ${now} END`;

/** Who tells forges of runs that nobody executes. */
export function createTellings(db: Database, queue: Queue, leaseMs: number): Tellings {
  return {
    async due(deployments, since) {
      if (deployments.length === 0) return [];
      const names = deployments.map(clean);
      const now = await queue.time(db.read);
      const find = (which: string, values: readonly Value[]) =>
        db.read.query(
          `SELECT id FROM run WHERE ${which} AND deployment IN (${places(names.length, values.length)})
             AND NOT EXISTS (SELECT 1 FROM telling
               WHERE telling.run_seq = run.seq AND ${isSettled('run.status', '$1')})
           ORDER BY seq LIMIT ${most}`,
          [...values, ...names],
        );
      const ended = await find(`${endedUnbegun} AND ended_at > $2`, [now, since]);
      const waiting = await find(waits, [now]);
      return [...ended, ...waiting].map(({ id }) => String(id)).slice(0, most);
    },
    claim: (id, teller) =>
      db.write(async (session) => {
        const now = await queue.time(session);
        const [taken] = await session.query(
          `INSERT INTO telling (run_seq, status, teller, until)
             SELECT seq, status, CAST($1 AS text), CAST($2 AS bigint) FROM run
             WHERE id = $3 AND (${waits} OR ${endedUnbegun})
           ON CONFLICT (run_seq) DO UPDATE
             SET status = excluded.status, teller = excluded.teller, until = excluded.until
             WHERE NOT ${isSettled('excluded.status', '$4')}
           RETURNING run_seq`,
          [clean(teller), now + leaseMs, clean(id), now],
        );
        if (!taken) return undefined;
        const seq = Number(taken.run_seq);
        const [row] = await session.query(`SELECT ${shown}, request FROM run WHERE seq = $1`, [
          seq,
        ]);
        if (!row) throw new Error(`run ${id} is told of and is not there`);
        const set = ownTelling(db, { seq, teller });
        const until = (ms: number) => (own: Session) =>
          queue.time(own).then((time) => ['until = $1', time + ms] as const);
        return {
          run: runOf(row),
          request: JSON.parse(String(row.request)),
          renew: () => set(until(leaseMs)),
          done: async () => void (await set(async () => ['teller = $1', null])),
          release: async (ms) => void (await set(until(ms))),
        } satisfies Telling;
      }),
  };
}

/** Changes a telling for as long as it is one's own; false when it is no more. */
const ownTelling =
  (db: Database, { seq, teller }: { readonly seq: number; readonly teller: string }) =>
  (change: (session: Session) => Promise<readonly [set: string, value: Value]>): Promise<boolean> =>
    db.write(async (session) => {
      const [set, value] = await change(session);
      const changed = await session.query(
        `UPDATE telling SET ${set} WHERE run_seq = $2 AND teller = $3 RETURNING run_seq`,
        [value, seq, clean(teller)],
      );
      return changed.length > 0;
    });
