import type { FastifyReply, FastifyRequest } from 'fastify';
import { may, reaches } from '../deployments/access.ts';
import type { Run } from '../store/run.ts';
import { sendText } from './answer.ts';
import { Failure, notFound } from './failure.ts';
import { demandReach, forbidden } from './guard.ts';
import { addressesOf, assetsOf } from './page/assets.ts';
import { type Html, textOf } from './page/html.ts';
import type { Frame } from './page/layout.ts';
import { bouncePage } from './page/other-pages.ts';
import type { Parts } from './parts.ts';
import { createSessions, isOurs, isSame, type Session } from './session.ts';

/** undefined: a stranger on a public page. */
export type Viewer = Session | undefined;

/** Who looks at pages, and what they may see and do there. */
export type Viewing = ReturnType<typeof createViewing>;

export function createViewing(parts: Parts) {
  const { links, config, clock, opened } = parts;
  const sessions = createSessions(parts, links);
  const assets = assetsOf();
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  const isPublic = (): boolean => config().page.access === 'public';

  const show = (reply: FastifyReply, page: Html, status = 200): FastifyReply =>
    sendText(reply.code(status), 'text/html', textOf(page));
  const enter = (request: FastifyRequest): boolean => {
    const session = sessions.of(request);
    const mayRead = session !== undefined && may(session.token, 'read');
    viewers.set(request, mayRead ? session : undefined);
    return mayRead || isPublic();
  };

  return {
    assets,
    sessions,
    isPublic,
    show,
    frame: (viewer: Viewer): Frame => ({
      links,
      viewer,
      now: clock.now(),
      assets: addressesOf(assets, links),
    }),
    viewer: (request: FastifyRequest): Viewer => viewers.get(request),

    /** For `onRequest`: whoever may not look is shown the way in. */
    async look(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      if (enter(request)) return undefined;
      const session = sessions.of(request);
      if (session) throw forbidden(`The token ${session.token.name} may not read.`);
      const isFromElsewhere = request.headers['sec-fetch-site'] === 'cross-site';
      // Who writes the address whole, as to a proxy, could name any site.
      const way = request.url.startsWith('/') ? request.url : '/';
      if (isFromElsewhere) return show(reply, bouncePage(links.page(way)));
      const next = nextOf(way);
      const query = next === '/' ? '' : `?${new URLSearchParams({ next })}`;
      return reply.redirect(links.page(`/login${query}`), 303);
    },

    /** The same for what the script asks, which no way in would help. */
    async listen(request: FastifyRequest): Promise<void> {
      if (!enter(request)) throw new Failure(401, 'unauthorized', 'Sign in again.');
    },

    async find(request: FastifyRequest): Promise<Run> {
      const viewer = viewers.get(request);
      const run = await opened().runs.get((request.params as { readonly id: string }).id);
      if (!run) throw notFound('There is no such run. It may be so old that it is no longer kept.');
      if (!isPublic() && viewer) demandReach(viewer.token, run.deployment);
      return run;
    },

    /** Whether whoever was let in would be let in again. */
    mayStill(request: FastifyRequest, deployment: string): boolean {
      const token = sessions.of(request)?.token;
      return (
        isPublic() || (token !== undefined && may(token, 'read') && reaches(token, deployment))
      );
    },

    mayCancel: (viewer: Viewer, run: Run): boolean =>
      !isPublic() &&
      viewer !== undefined &&
      may(viewer.token, 'deploy') &&
      reaches(viewer.token, run.deployment),

    /** That a form is of our own page, and of this very session. */
    demandOurs(request: FastifyRequest, form: URLSearchParams): Session {
      const session = sessions.of(request);
      if (!session) throw new Failure(401, 'unauthorized', 'Sign in first.');
      if (isOurs(request, links) && isSame(session.seal, form.get('seal') ?? '')) return session;
      throw forbidden('The form is of another page or sign-in. Reload the page, and try again.');
    },
  };
}

/** A way within this site, never to another one; and none that a front would find too long in a header. */
export const nextOf = (given: unknown): string =>
  typeof given === 'string' &&
  given.length <= longestNext &&
  /^\/(?:runs\/[\w-]+|\?[\w=&%.+~*-]*)?$/.test(given)
    ? given
    : '/';
const longestNext = 1024;
