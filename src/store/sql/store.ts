import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createBatch } from '../batch.ts';
import { passes } from '../errors.ts';
import { createIds } from '../ids.ts';
import type { Run } from '../run.ts';
import type { Acceptance, Intake, Lease, Store, StoreOptions } from '../store.ts';
import type { Watchers } from '../watchers.ts';
import { acceptAll } from './accept.ts';
import { cancelRun } from './cancel.ts';
import type { Database, Herald, Queue, Session } from './database.ts';
import { counted, record } from './events.ts';
import type { Numbered } from './known.ts';
import { createLease } from './lease.ts';
import { clean, shown } from './rows.ts';
import { createRuns } from './runs.ts';
import { createTellings } from './tellings.ts';
import { countRuns, createDeliveries, sweep } from './upkeep.ts';

/** A statement of more would be slow to prepare, and a transaction of more long to wait for. */
const mostAtOnce = 128;

/** As much as a large request: on a full disk a few bytes may still find room. */
const room = new Uint8Array(64 * 1024);

export type Parts = {
  readonly db: Database;
  readonly queue: Queue;
  readonly herald: Herald;
  readonly watchers: Watchers;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: StoreOptions;
  readonly ended?: (run: Run) => void;
};

/** The store, whichever database is under it. */
export function createStore(parts: Parts): Store {
  const { db, queue, herald, watchers, clock, log, options, ended = () => {} } = parts;
  const deps = { clock, queue, herald };
  const newId = createIds(clock);
  const bounds = { headBytes: options.logHeadBytes, tailBytes: options.logTailBytes };

  const forget = (ids: readonly string[]): Promise<void> =>
    ids.length === 0
      ? Promise.resolve()
      : queue
          .forget(ids)
          .catch((error) => log.debug(`the queue keeps ended runs: ${messageOf(error)}`));

  const takeIn = async (intakes: readonly Numbered[]): Promise<readonly Acceptance[]> => {
    const { acceptances, superseded } = await db.write((session) =>
      acceptAll(session, intakes, deps),
    );
    for (const run of superseded) ended(run);
    await forget(superseded.map(({ id }) => id));
    return acceptances;
  };

  /** One that the database does not take must not keep the others of its moment out. */
  const intakes = createBatch<Numbered, PromiseSettledResult<Acceptance>>(async (batch) => {
    try {
      const acceptances = await takeIn(batch);
      return acceptances.map((value) => ({ status: 'fulfilled', value }));
    } catch (reason) {
      if (batch.length === 1 || passes(reason))
        return batch.map(() => ({ status: 'rejected', reason }));
      const settled: PromiseSettledResult<Acceptance>[] = [];
      for (const one of batch) settled.push(...(await Promise.allSettled([takeOne(one)])));
      return settled;
    }
  }, mostAtOnce);
  const takeOne = async (intake: Numbered): Promise<Acceptance> =>
    (await takeIn([intake]))[0] as Acceptance;

  async function accept(intake: Intake): Promise<Acceptance> {
    const settled = await intakes.add({ ...intake, id: newId() });
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  }

  /** Takes what may be taken, and leaves out what ended while it waited. */
  async function claimIn(session: Session, owner: string): Promise<Lease | undefined> {
    for (;;) {
      const claimed = await queue.take(session);
      if (!claimed) return undefined;
      const now = clock.now();
      const [row] = await session.query(
        `UPDATE run SET status = 'IN_PROGRESS', owner = $1, attempt = $2, ${counted},
           started_at = COALESCE(started_at, $3)
         WHERE id = $4 AND status IN ('QUEUED', 'IN_PROGRESS')
         RETURNING ${shown}, attempt, events, request, checkpoint, spent_ms`,
        [clean(owner), claimed.attempt, now, claimed.id],
      );
      if (!row) {
        await queue.finish(session, claimed);
        continue;
      }
      const happened = { what: 'claimed', attempt: claimed.attempt, owner: clean(owner) } as const;
      await record(session, [
        { seq: Number(row.seq), number: Number(row.events), at: now, happened },
      ]);
      await herald.tell(session, [{ id: claimed.id, what: 'changed' }]);
      return createLease(row, { ...deps, db, log, bounds, ended });
    }
  }

  return {
    accept,
    async cancel(id, by, reason) {
      const wish = { id, by, reason };
      const { run, isEnded } = await db.write((session) => cancelRun(session, wish, deps));
      if (run && isEnded) ended(run);
      if (run?.status === 'CANCELED') await forget([run.id]);
      return run;
    },
    claim: (owner) => db.write((session) => claimIn(session, owner)),
    runs: createRuns(db.read),
    deliveries: createDeliveries(db, clock),
    tellings: createTellings(db, queue, options.leaseMs),
    watch: (listener) => watchers.add(listener),
    counts: () => countRuns(db.read),
    async ping() {
      await db.write((session) =>
        session.query('UPDATE slipway SET pinged_at = $1, room = $2', [clock.now(), room]),
      );
    },
    sweep: (keep) => db.write((session) => sweep(session, keep, clock.now())),
    async close() {
      await intakes.idle();
      await db.close();
    },
  };
}
