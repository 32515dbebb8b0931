import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { may, reaches } from '../../deployments/access.ts';
import type { Token } from '../../deployments/config.ts';
import { isOver, type Run } from '../../store/run.ts';
import { sendText } from '../answer.ts';
import { textOf as bodyText } from '../body.ts';
import { Failure, notFound } from '../failure.ts';
import { linesOf, liveStream, logBytes } from '../follow.ts';
import { demandReach, forbidden } from '../guard.ts';
import { forgeLinks } from '../links.ts';
import { addressesOf, assetsOf } from '../page/assets.ts';
import { type Html, textOf } from '../page/html.ts';
import type { Frame } from '../page/layout.ts';
import { listPage } from '../page/list-page.ts';
import { bouncePage, faultPage, loginPage } from '../page/other-pages.ts';
import { runHead, runPage, type ShownLog } from '../page/run-page.ts';
import type { Parts } from '../parts.ts';
import { filterOf, type Query, readListQuery } from '../query.ts';
import { createSessions, isOurs, isSame, type Session } from '../session.ts';
import { resumeAt } from '../stream.ts';
import { troubleOf } from '../troubles.ts';

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

/** Of a log so much stands in the page at first. */
const firstBytes = 256 * 1024;

type Id = { readonly id: string };
/** undefined: a stranger on a public page. */
type Viewer = Session | undefined;

/** For people. Everything works without a script; it then reloads. */
export function pageRoutes(app: FastifyInstance, parts: Parts): void {
  const { links, config, clock, log, streams, opened, guard } = parts;
  const sessions = createSessions(parts, links);
  const assets = assetsOf();
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  const isPublic = (): boolean => config().page.access === 'public';

  const frame = (viewer: Viewer): Frame => ({
    links,
    viewer,
    now: clock.now(),
    assets: addressesOf(assets, links),
  });
  const show = (reply: FastifyReply, page: Html, status = 200): FastifyReply =>
    sendText(reply.code(status), 'text/html', textOf(page));

  /** Who may look; whoever may not is shown the way in. */
  const look = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const session = sessions.of(request);
    const mayLook = session && may(session.token, 'read');
    if (mayLook || isPublic()) {
      viewers.set(request, mayLook ? session : undefined);
      return undefined;
    }
    if (session) throw forbidden(`The token ${session.token.name} may not read.`);
    const address = links.page(request.url);
    if (request.headers['sec-fetch-site'] === 'cross-site') return show(reply, bouncePage(address));
    const next = request.url === '/' ? '' : `?${new URLSearchParams({ next: request.url })}`;
    return reply.redirect(links.page(`/login${next}`), 303);
  };
  /** The same for what the script asks, which no way in would help. */
  const listen = async (request: FastifyRequest): Promise<void> => {
    const session = sessions.of(request);
    if (!isPublic() && !(session && may(session.token, 'read'))) {
      throw new Failure(401, 'unauthorized', 'Sign in again.');
    }
    viewers.set(request, session);
  };
  const find = async (request: FastifyRequest): Promise<Run> => {
    const viewer = viewers.get(request);
    const run = await opened().runs.get((request.params as Id).id);
    if (!run) throw notFound('There is no such run. It may be so old that it is no longer kept.');
    if (!isPublic() && viewer) demandReach(viewer.token, run.deployment);
    return run;
  };
  const mayCancel = (viewer: Viewer, run: Run): boolean =>
    !isPublic() &&
    viewer !== undefined &&
    may(viewer.token, 'deploy') &&
    reaches(viewer.token, run.deployment);

  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, message } = troubleOf(error, request, log);
    const title = titles[status] ?? 'That did not work';
    return show(reply, faultPage(frame(undefined), title, message), status);
  });

  for (const { path, type, text } of Object.values(assets)) {
    app.get(path, async (_, reply) =>
      sendText(reply.header('cache-control', 'public, max-age=31536000, immutable'), type, text),
    );
  }

  app.get('/', { onRequest: look }, async (request, reply) => {
    const viewer = viewers.get(request);
    const token = isPublic() ? undefined : viewer?.token;
    const query = readListQuery(request.query as Query);
    if (token && query.deployment !== undefined) demandReach(token, query.deployment);
    const { runs, next } = await opened().runs.list(filterOf(query, config(), token));
    const deployments = config().deployments.filter((each) => !token || reaches(token, each.name));
    return show(reply, listPage(frame(viewer), { query, runs, next, deployments }));
  });

  app.get('/runs/:id', { onRequest: look }, async (request, reply) => {
    const run = await find(request);
    const viewer = viewers.get(request);
    const shown = { run, forge: forgeLinks(config(), run) };
    const page = runPage(frame(viewer), shown, await firstLog(run, parts), mayCancel(viewer, run));
    return show(reply, page);
  });

  const following = { store: opened, bells: parts.bells, links };
  app.get('/runs/:id/live', { onRequest: listen }, async (request, reply) => {
    const { id } = await find(request);
    const from = resumeAt(request);
    const head = (run: Run): string =>
      textOf(runHead(frame(undefined), { run, forge: forgeLinks(config(), run) }));
    return streams.send(request, reply, 'text/event-stream', (signal) =>
      liveStream(following, id, { from, show: head }, signal),
    );
  });
  app.get('/runs/:id/log', { onRequest: look }, async (request, reply) => {
    const { id } = await find(request);
    return streams.send(request, reply, 'text/plain', (signal) =>
      logBytes(following, id, false, signal),
    );
  });

  app.post('/runs/:id/cancel', async (request, reply) => {
    if (isPublic()) throw forbidden('Nobody cancels from a public page. Use the API.');
    const viewer = sessions.of(request);
    const form = formOf(request);
    demandOurs(request, viewer, form);
    viewers.set(request, viewer);
    const run = await find(request);
    if (!viewer || !mayCancel(viewer, run)) throw forbidden('Your token may not deploy this.');
    await opened().cancel(
      run.id,
      viewer.token.name,
      form.get('reason')?.slice(0, 500) || undefined,
    );
    return reply.redirect(links.page(`/runs/${run.id}`), 303);
  });

  app.get('/login', async (request, reply) =>
    show(reply, loginPage(frame(undefined), nextOf((request.query as Query).next), undefined)),
  );
  app.post('/login', async (request, reply) => {
    const form = formOf(request);
    if (!isOurs(request, links)) throw forbidden('Sign in from our own page.');
    const next = nextOf(form.get('next'));
    const refused = (status: number, fault: string): FastifyReply =>
      show(reply, loginPage(frame(undefined), next, fault), status);
    const token = await guard
      .identify(form.get('token')?.trim() ?? '', request)
      .catch((error: unknown): Token | Failure => {
        if (error instanceof Failure) return error;
        throw error;
      });
    if (token instanceof Failure) return refused(token.status, token.message);
    if (!may(token, 'read')) return refused(403, `The token ${token.name} may not read.`);
    reply.header('set-cookie', sessions.begin(token));
    return reply.redirect(links.page(next), 303);
  });
  app.post('/logout', async (request, reply) => {
    const viewer = sessions.of(request);
    if (viewer) demandOurs(request, viewer, formOf(request));
    reply.header('set-cookie', sessions.end);
    return reply.redirect(links.page(isPublic() ? '/' : '/login'), 303);
  });

  function demandOurs(request: FastifyRequest, viewer: Viewer, form: URLSearchParams): void {
    if (!viewer) throw new Failure(401, 'unauthorized', 'Sign in first.');
    if (isOurs(request, links) && isSame(viewer.seal, form.get('seal') ?? '')) return;
    throw forbidden(
      'The form is not of this page, or of another sign-in. Reload the page, and try again.',
    );
  }
}

const titles: Readonly<Record<number, string>> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  503: 'Not available',
};

const formOf = (request: FastifyRequest): URLSearchParams => new URLSearchParams(bodyText(request));

/** A way within this site, never to another one. */
const nextOf = (given: unknown): string =>
  typeof given === 'string' && /^\/(?:runs\/[\w-]+|\?[\w=&%.+~*-]*)?$/.test(given) ? given : '/';

/** The end of the log, from the start of a line. */
async function firstLog({ id, status }: Run, { opened }: Parts): Promise<ShownLog> {
  const { size } = await opened().runs.log(id, 0, 1);
  const start = Math.max(0, size - firstBytes);
  const piece = await opened().runs.log(id, start, firstBytes);
  const { text, next } = linesOf(piece, isOver(status));
  if (start === 0 && piece.from === 0) return { text, from: 0, next };
  return { text: text.slice(text.indexOf('\n') + 1), from: piece.from, next };
}
