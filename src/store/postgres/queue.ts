import type pg from 'pg';
import { type Db, PgBoss } from 'pg-boss';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Claimed, Queue, Session } from '../sql/database.ts';

export const queueSchema = 'slipway_queue';
const name = 'run';

/** Any number that no other program locks by. */
const intakeLock = 0x534c_4950;
/** Neither time nor retries take a job from its run: only a lease that is not renewed. */
const forever = {
  expireInSeconds: 315_360_000,
  retentionSeconds: 315_360_000,
  retryLimit: 2 ** 31 - 2,
};

/** Its types leave out what it answers: how many jobs were still of that attempt. */
const hasSettled = (response: object): boolean => 'affected' in response && response.affected === 1;

type Clients = (session: Session) => Pick<pg.ClientBase, 'query'>;
type Query = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;

const dbOf = (query: Query): Db => ({ executeSql: (text, values) => query(text, values) });

export type PostgresQueue = Queue & {
  start(): Promise<void>;
  stop(): Promise<void>;
};

type QueueDeps = {
  readonly leaseMs: number;
  /** Our number among replicas: see orphans.ts. */
  readonly holder: number;
  readonly log: Log;
};

/**
 * pg-boss keeps one job for each run, in the run's own transaction. Its policy `key_strict_fifo` is our rule: of one
 * key, which is our slot, one job at a time in the order of creation, held by a unique index. Its heartbeat is our
 * lease, by the database's clock, and its `retryCount` the fence: an attempt that was given to another settles nothing.
 */
export function createQueue(
  pool: pg.Pool,
  clientOf: Clients,
  { leaseMs, holder, log }: QueueDeps,
): PostgresQueue {
  const heartbeatSeconds = Math.ceil(leaseMs / 1000);
  // How often leases that ran out are looked for: with the lease, how long a dead replica's run waits.
  const lookSeconds = Math.ceil(heartbeatSeconds / 3);
  const boss = new PgBoss({
    schema: queueSchema,
    db: dbOf((text, values) => pool.query(text, values)),
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: lookSeconds,
    monitorIntervalSeconds: lookSeconds,
    maintenanceIntervalSeconds: 600,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => log.debug(`the queue in the database: ${messageOf(error)}`));
  boss.on('warning', ({ message }) => log.debug(`the queue in the database: ${message}`));

  const within = (session: Session): { readonly db: Db } => {
    const client = clientOf(session);
    return { db: dbOf((text, values) => client.query(text, values)) };
  };
  const attemptOf = ({ id, attempt }: Claimed) => ({ id, retryCount: attempt - 1 });

  return {
    async start() {
      await boss.start();
      await boss.createQueue(name, {
        policy: 'key_strict_fifo',
        deleteAfterSeconds: 60,
        retryDelay: 0,
      });
    },
    stop: () => boss.stop({ graceful: false, close: false }),
    async lock(session) {
      await session.query('SELECT pg_advisory_xact_lock($1)', [intakeLock]);
    },
    async add(session, runs) {
      if (runs.length === 0) return;
      const jobs = runs.map(({ id, slot }) => ({
        id,
        singletonKey: slot,
        heartbeatSeconds,
        ...forever,
      }));
      await boss.insert(name, jobs, within(session));
    },
    async take(session) {
      const [job] = await boss.fetch(name, within(session));
      if (!job) return undefined;
      await session.query('UPDATE run SET holder = $1 WHERE id = $2', [holder, job.id]);
      return { id: job.id, attempt: job.retryCount + 1 };
    },
    async renew(session, claimed) {
      return hasSettled(await boss.touch(name, attemptOf(claimed), within(session)));
    },
    async finish(session, claimed) {
      return hasSettled(await boss.complete(name, attemptOf(claimed), null, within(session)));
    },
    async giveBack(session, claimed) {
      return hasSettled(await boss.fail(name, attemptOf(claimed), null, within(session)));
    },
    async time(session) {
      const [row] = await session.query(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
      );
      return Number(row?.now);
    },
    async forget(ids) {
      await boss.deleteJob(name, [...ids]);
    },
  };
}
