import pg from 'pg';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Herald, Told } from '../sql/database.ts';
import type { News } from '../store.ts';
import { holdAlive } from './orphans.ts';
import { connectionOptions } from './pool.ts';

const channel = 'slipway';
const pauseMs = 1000;
/** A connection that says nothing may be dead: it is asked. */
const askMs = 15_000;

/** PostgreSQL tells with the commit, and everybody: the teller too. */
export const herald: Herald = {
  async tell(session, news) {
    if (news.length === 0) return;
    const texts = news.map(({ id, what }) => `${what} ${id}`);
    await session.query(
      `SELECT count(pg_notify('${channel}', text)) FROM json_array_elements_text($1::json) AS text`,
      [JSON.stringify(texts)],
    );
  },
};

export type Listener = {
  /** Resolves once it listens. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

type ListenerDeps = {
  readonly clock: Clock;
  readonly log: Log;
  tell(news: News): void;
  /** Our number among replicas: the connection says that we live. */
  readonly holder: number;
};

/** One connection that listens, made anew whenever it is lost; what was said meanwhile is told of as missed. */
export function createListener(
  databaseUrl: string,
  { clock, log, tell, holder }: ListenerDeps,
): Listener {
  const stopping = new AbortController();
  let client: pg.Client | undefined;
  let going: Promise<void> = Promise.resolve();

  const hear = ({ payload = '' }: pg.Notification): void => {
    const [what = '', id = ''] = payload.split(' ');
    tell({ id, what: what as Told['what'] });
  };

  /** Resolves once it listens; `ended` does when it no longer does. */
  async function connect(): Promise<{ readonly ended: Promise<void> }> {
    const next = new pg.Client(connectionOptions(databaseUrl));
    const ended = new Promise<void>((resolve) => {
      next.on('end', resolve);
      next.on('error', (error) => {
        log.debug(`the database was to tell of changes: ${messageOf(error)}`);
        resolve();
      });
    });
    next.on('notification', hear);
    await next.connect();
    await next.query(`LISTEN ${channel}`);
    await holdAlive(next, holder);
    client = next;
    return { ended };
  }

  /** Until the connection is lost, which a query finds out where the network does not say. */
  async function listen(ended: Promise<void>): Promise<void> {
    const lost = new AbortController();
    void ended.then(() => lost.abort());
    const until = AbortSignal.any([lost.signal, stopping.signal]);
    while (!until.aborted) {
      await clock.pause(askMs, until);
      if (until.aborted) break;
      await client?.query('SELECT 1').catch(() => lost.abort());
    }
    await client?.end().catch(() => {});
    client = undefined;
  }

  async function goOn(first: Promise<void>): Promise<void> {
    await listen(first);
    while (!stopping.signal.aborted) {
      try {
        const { ended } = await connect();
        tell({ what: 'missed' });
        await listen(ended);
      } catch (error) {
        log.debug(`the database does not tell of changes: ${messageOf(error)}`);
        await clock.pause(pauseMs, stopping.signal);
      }
    }
  }

  return {
    async start() {
      going = goOn((await connect()).ended);
    },
    async stop() {
      stopping.abort();
      await going;
    },
  };
}
