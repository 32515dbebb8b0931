import type { FastifyInstance, FastifyReply } from 'fastify';
import { may } from '../../deployments/access.ts';
import type { Token } from '../../deployments/config.ts';
import { formOf } from '../body.ts';
import { Failure } from '../failure.ts';
import { forbidden } from '../guard.ts';
import { loginPage } from '../page/other-pages.ts';
import type { Parts } from '../parts.ts';
import type { Query } from '../query.ts';
import { isOurs } from '../session.ts';
import { nextOf, type Viewing } from '../viewing.ts';

/** `/login` and `/logout`. */
export function signInRoutes(app: FastifyInstance, parts: Parts, viewing: Viewing): void {
  const { links, guard } = parts;
  const { sessions, frame, show } = viewing;

  app.get('/login', async (request, reply) =>
    show(reply, loginPage(frame(undefined), nextOf((request.query as Query).next), undefined)),
  );

  app.post('/login', async (request, reply) => {
    if (!isOurs(request, links)) throw forbidden('Sign in from our own page.');
    const form = formOf(request);
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
    if (sessions.of(request)) viewing.demandOurs(request, formOf(request));
    reply.header('set-cookie', sessions.end);
    return reply.redirect(links.page(viewing.isPublic() ? '/' : '/login'), 303);
  });
}
