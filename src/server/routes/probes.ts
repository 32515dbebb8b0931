import type { FastifyInstance } from 'fastify';
import { runStatuses } from '../../store/run.ts';
import type { Counts } from '../../store/store.ts';
import { sendJson, sendText } from '../answer.ts';
import { Failure } from '../failure.ts';
import type { Gauge } from '../metrics.ts';
import type { Parts } from '../parts.ts';

/** Strangers may ask, and what they ask costs: one answer serves all of this long. */
const freshMs = 1000;
const patienceMs = 5000;

export function probeRoutes(app: FastifyInstance, parts: Parts): void {
  const { version, guard, metrics, opened, ready, config, clock } = parts;
  const isWriting = cached(parts, async () => {
    const done = new AbortController();
    const late = clock.pause(patienceMs, done.signal).then(() => false);
    const pinged = opened()
      .ping()
      .then(
        () => true,
        () => false,
      );
    return Promise.race([pinged, late]).finally(() => done.abort());
  });
  const counts = cached(parts, () => opened().counts());

  // That it answers is all that it says: a process whose store is away need not be started anew.
  app.get('/healthz', async (_, reply) => sendJson(reply, 200, { status: 'ok', version }));

  app.get('/readyz', async (_, reply) => {
    if (!ready()) throw notReady('The server starts or ends.');
    if (!(await isWriting())) throw notReady('The store takes no runs.');
    return sendJson(reply, 200, { status: 'ready' });
  });

  const mayLook = guard.demand('admin');
  app.get('/metrics', {
    onRequest: async (request) => {
      if (config().metrics.access !== 'public') await mayLook(request);
    },
    handler: async (_, reply) => {
      const gauges = gaugesOf(await counts(), parts);
      return sendText(reply, 'text/plain; version=0.0.4', metrics.text(gauges));
    },
  });
}

const notReady = (message: string): Failure => new Failure(503, 'not_ready', message);

function cached<T>({ clock }: Parts, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let askedAt = 0;
  return () => {
    const age = Math.abs(clock.now() - askedAt);
    if (!answer || age > freshMs) {
      askedAt = clock.now();
      answer = ask();
    }
    return answer;
  };
}

function gaugesOf(
  { byStatus, oldestWaitingAt }: Counts,
  { version, ready, clock }: Parts,
): Gauge[] {
  const age = oldestWaitingAt === undefined ? 0 : Math.max(0, clock.now() - oldestWaitingAt) / 1000;
  const one = (name: Gauge['name'], value: number): Gauge => ({ name, values: [[{}, value]] });
  return [
    { name: 'slipway_info', values: [[{ version }, 1]] },
    one('slipway_ready', ready() ? 1 : 0),
    {
      name: 'slipway_runs',
      values: runStatuses.map((status) => [{ status }, byStatus[status]]),
    },
    one('slipway_queue_depth', byStatus.QUEUED),
    one('slipway_queue_age_seconds', age),
  ];
}
