import { type FastifyInstance, fastify } from 'fastify';
import type { Store } from '../store/store.ts';
import { sendFailure } from './answer.ts';
import { createBells } from './bells.ts';
import { takeBodies } from './body.ts';
import type { ServerDeps } from './deps.ts';
import { createGuard } from './guard.ts';
import { createInsist } from './insist.ts';
import { createIntake } from './intake.ts';
import { createLinks } from './links.ts';
import type { Parts } from './parts.ts';
import { watchRoutes } from './routes/absent.ts';
import { docsRoutes } from './routes/docs.ts';
import { hookRoutes } from './routes/hooks.ts';
import { pageRoutes } from './routes/pages.ts';
import { probeRoutes } from './routes/probes.ts';
import { runRoutes } from './routes/runs.ts';
import { spinnakerRoutes } from './routes/spinnaker.ts';
import { createSparing } from './sparing.ts';
import { createStreams } from './stream.ts';
import { troubleOf, unavailable } from './troubles.ts';
import { holdWire, wireOptions } from './wire.ts';

/** The whole HTTP side of `slipway serve`. It does not listen, and executes nothing. */
export async function createApp(deps: ServerDeps): Promise<FastifyInstance> {
  const { clock, log } = deps;
  const sparing = createSparing(log, clock);
  const app = fastify({
    ...wireOptions,
    frameworkErrors: (error, request, reply) =>
      void sendFailure(reply, troubleOf(error, request, sparing)),
  });
  holdWire(app.server);
  const opened = (): Store => {
    const store = deps.store();
    if (!store) throw unavailable('The server starts. Ask again.');
    return store;
  };
  const bells = createBells(opened, clock);
  const streams = createStreams();
  const parts: Parts = {
    ...deps,
    sparing,
    opened,
    bells,
    streams,
    links: createLinks(deps.publicUrl),
    guard: createGuard(deps),
    insist: createInsist(clock, sparing),
    intake: createIntake({ ...deps, sparing }, opened),
  };
  addManners(app, parts);
  takeBodies(app, clock);
  watchRoutes(app);
  runRoutes(app, parts);
  spinnakerRoutes(app, parts);
  hookRoutes(app, parts);
  probeRoutes(app, parts);
  docsRoutes(app, parts);
  await app.register(async (pages) => pageRoutes(pages, parts));
  await app.ready();
  return app;
}

/** What holds for every answer, and for the end of the app. */
function addManners(app: FastifyInstance, { sparing, metrics, streams, bells }: Parts): void {
  app.setErrorHandler((error, request, reply) =>
    sendFailure(reply, troubleOf(error, request, sparing)),
  );
  app.addHook('onSend', async (_, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff' });
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  let isClosing = false;
  app.addHook('onResponse', async ({ method, routeOptions, raw }, { statusCode }) => {
    const labels = { method, route: routeOptions.url ?? 'none', status: String(statusCode) };
    metrics.count('slipway_http_requests_total', labels);
    // What began before the end was promised a connection that stays, and would keep the server for a minute.
    if (isClosing) raw.socket.end();
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    streams.end();
    bells.end();
    sparing.end();
  });
}
