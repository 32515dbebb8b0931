import type { FastifyInstance } from 'fastify';
import { reaches } from '../../deployments/access.ts';
import { isOver, type Run } from '../../store/run.ts';
import { sendText } from '../answer.ts';
import { formOf } from '../body.ts';
import { linesOf, liveStream, logBytes } from '../follow.ts';
import { demandReach, forbidden } from '../guard.ts';
import { callerLink, forgeLinks } from '../links.ts';
import { textOf } from '../page/html.ts';
import { listPage } from '../page/list-page.ts';
import { faultPage } from '../page/other-pages.ts';
import { runHead, runPage, type ShownLog, type ShownRun } from '../page/run-page.ts';
import type { Parts } from '../parts.ts';
import { filterOf, type Query, readListQuery } from '../query.ts';
import { resumeAt } from '../stream.ts';
import { troubleOf } from '../troubles.ts';
import { createViewing, type Viewing } from '../viewing.ts';
import { signInRoutes } from './sign-in.ts';

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** For people. Everything works without a script; it then reloads. */
export function pageRoutes(app: FastifyInstance, parts: Parts): void {
  const viewing = createViewing(parts);
  const { assets, show, frame } = viewing;
  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, message } = troubleOf(error, request, parts.sparing);
    const title = titles[status] ?? 'That did not work';
    return show(reply, faultPage(frame(undefined), title, message), status);
  });
  for (const { path, type, text } of Object.values(assets)) {
    app.get(path, async (_, reply) =>
      sendText(reply.header('cache-control', 'public, max-age=31536000, immutable'), type, text),
    );
  }
  listRoute(app, parts, viewing);
  runRoutes(app, parts, viewing);
  streamRoutes(app, parts, viewing);
  signInRoutes(app, parts, viewing);
}

const titles: Readonly<Record<number, string>> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  503: 'Not available',
};

function listRoute(app: FastifyInstance, { config, opened }: Parts, viewing: Viewing): void {
  app.get('/', { onRequest: viewing.look }, async (request, reply) => {
    const viewer = viewing.viewer(request);
    const token = viewing.isPublic() ? undefined : viewer?.token;
    const query = readListQuery(request.query as Query);
    if (token && query.deployment !== undefined) demandReach(token, query.deployment);
    const { runs, next } = await opened().runs.list(filterOf(query, config(), token));
    const deployments = config().deployments.filter((each) => !token || reaches(token, each.name));
    const page = listPage(viewing.frame(viewer), { query, runs, next, deployments });
    return viewing.show(reply, page);
  });
}

function runRoutes(app: FastifyInstance, parts: Parts, viewing: Viewing): void {
  const { links, opened } = parts;

  app.get('/runs/:id', { onRequest: viewing.look }, async (request, reply) => {
    const run = await viewing.find(request);
    const viewer = viewing.viewer(request);
    const log = await firstLog(run, parts);
    const mayCancel = viewing.mayCancel(viewer, run);
    const shown = await showing(run.id, parts);
    return viewing.show(reply, runPage(viewing.frame(viewer), shown(run), log, mayCancel));
  });

  app.post('/runs/:id/cancel', { onRequest: viewing.listen }, async (request, reply) => {
    if (viewing.isPublic()) throw forbidden('Nobody cancels from a public page. Use the API.');
    const form = formOf(request);
    const session = viewing.demandOurs(request, form);
    const run = await viewing.find(request);
    if (!viewing.mayCancel(session, run)) throw forbidden('Your token may not deploy this.');
    const reason = form.get('reason')?.slice(0, 500) || undefined;
    await opened().cancel(run.id, session.token.name, reason);
    return reply.redirect(links.page(`/runs/${run.id}`), 303);
  });
}

function streamRoutes(app: FastifyInstance, parts: Parts, viewing: Viewing): void {
  const { links, bells, streams, opened } = parts;
  const following = { store: opened, bells, links };

  app.get('/runs/:id/live', { onRequest: viewing.listen }, async (request, reply) => {
    const { id, deployment } = await viewing.find(request);
    const from = resumeAt(request);
    const shown = await showing(id, parts);
    const show = (run: Run): string => textOf(runHead(viewing.frame(undefined), shown(run)));
    return streams.send(request, reply, {
      type: 'text/event-stream',
      pieces: (signal) => liveStream(following, id, { from, show }, signal),
      mayHear: () => viewing.mayStill(request, deployment),
    });
  });

  app.get('/runs/:id/log', { onRequest: viewing.look }, async (request, reply) => {
    const { id, deployment } = await viewing.find(request);
    return streams.send(request, reply, {
      type: 'text/plain',
      pieces: (signal) => logBytes(following, id, false, signal),
      mayHear: () => viewing.mayStill(request, deployment),
    });
  });
}

/** A run with the links that are its own; who asked for it does not change. */
async function showing(id: string, { config, opened }: Parts): Promise<(run: Run) => ShownRun> {
  const caller = callerLink(await opened().runs.request(id));
  return (run) => ({ run, forge: forgeLinks(config(), run), ...(caller ? { caller } : {}) });
}

/** Of a log so much stands in the page at first. */
const firstBytes = 256 * 1024;

/** The end of the log, from the start of a line. */
async function firstLog({ id, status }: Run, { opened }: Parts): Promise<ShownLog> {
  const { size } = await opened().runs.log(id, 0, 1);
  const start = Math.max(0, size - firstBytes);
  const piece = await opened().runs.log(id, start, firstBytes);
  const { text, next } = linesOf(piece, isOver(status));
  if (start === 0 && piece.from === 0) return { text, from: 0, next };
  return { text: text.slice(text.indexOf('\n') + 1), from: piece.from, next };
}
