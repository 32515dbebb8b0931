import type { FastifyInstance, FastifyRequest } from 'fastify';
import { quoted } from '../../errors.ts';
import { isObject, jsonOf } from '../../settings/rules.ts';
import type { Run } from '../../store/run.ts';
import { sendJson } from '../answer.ts';
import { textOf } from '../body.ts';
import { Failure, notFound } from '../failure.ts';
import { eventStream, logBytes } from '../follow.ts';
import { demandReach } from '../guard.ts';
import { keyOf } from '../idempotency.ts';
import type { Parts } from '../parts.ts';
import { filterOf, type Query, readListQuery } from '../query.ts';
import { runView } from '../run-view.ts';
import { resumeAt } from '../stream.ts';

type Id = { readonly id: string };

/** `/v1/runs`: for programs of any kind. */
export function runRoutes(app: FastifyInstance, parts: Parts): void {
  const { guard, intake, links, opened } = parts;
  const reads = { onRequest: guard.demand('read') };
  const deploys = { onRequest: guard.demand('deploy') };

  app.post('/v1/runs', deploys, async (request, reply) => {
    const { run, isNew } = await intake.ask({
      text: textOf(request),
      door: 'api',
      token: guard.caller(request),
      key: keyOf(request),
    });
    return sendJson(reply, isNew ? 202 : 200, runView(run, links));
  });

  app.get('/v1/runs', reads, async (request, reply) => {
    const query = readListQuery(request.query as Query);
    const token = guard.caller(request);
    if (query.deployment !== undefined) demandReach(token, query.deployment);
    const { runs, next } = await opened().runs.list(filterOf(query, parts.config(), token));
    return sendJson(reply, 200, {
      runs: runs.map((run) => runView(run, links)),
      next: next ?? null,
    });
  });

  app.get('/v1/runs/:id', reads, async (request, reply) =>
    sendJson(reply, 200, runView(await findRun(parts, request), links)),
  );

  app.route({
    method: ['POST', 'DELETE'],
    url: '/v1/runs/:id/cancel',
    ...deploys,
    handler: async (request, reply) => {
      const { id } = await findRun(parts, request);
      const { reason } = readCancel(textOf(request));
      const run = await opened().cancel(id, guard.caller(request).name, reason);
      if (!run) throw notFound('There is no such run any more.');
      return sendJson(reply, 200, runView(run, links));
    },
  });

  streamRoutes(app, parts);
}

function streamRoutes(app: FastifyInstance, parts: Parts): void {
  const { guard, links, streams, bells, opened } = parts;
  const reads = { onRequest: guard.demand('read') };
  const following = { store: opened, bells, links };
  app.get('/v1/runs/:id/log', reads, async (request, reply) => {
    const { id, deployment } = await findRun(parts, request);
    const { follow = '' } = request.query as { follow?: unknown };
    if (!['', '0', '1', 'false', 'true'].includes(String(follow))) {
      throw new Failure(400, 'invalid', 'follow must be 1 or 0.');
    }
    const isFollowed = follow === '1' || follow === 'true';
    return streams.send(request, reply, {
      type: 'text/plain',
      pieces: (signal) => logBytes(following, id, isFollowed, signal),
      mayHear: () => guard.mayStill(request, 'read', deployment),
    });
  });

  app.get('/v1/runs/:id/events', reads, async (request, reply) => {
    const { id, deployment } = await findRun(parts, request);
    return streams.send(request, reply, {
      type: 'text/event-stream',
      pieces: (signal) => eventStream(following, id, resumeAt(request), signal),
      mayHear: () => guard.mayStill(request, 'read', deployment),
    });
  });
}

/** The run of the address, where the caller may see it. */
export async function findRun(parts: Parts, request: FastifyRequest): Promise<Run> {
  const run = await parts.opened().runs.get((request.params as Id).id);
  if (!run) throw notFound('There is no such run.');
  demandReach(parts.guard.caller(request), run.deployment);
  return run;
}

const longestReason = 500;

/** `{reason?}`, or nothing at all. */
function readCancel(text: string): { readonly reason?: string } {
  if (text === '') return {};
  const body = jsonOf(text);
  if (!isObject(body)) {
    throw new Failure(400, 'not_an_object', 'The body must be a JSON object, or empty.');
  }
  const { reason, ...others } = body;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const message = `${quoted(other)} is not known here; there is reason.`;
    throw new Failure(400, 'invalid', message);
  }
  if (reason === undefined || reason === null || reason === '') return {};
  if (typeof reason === 'string') return { reason: reason.slice(0, longestReason) };
  throw new Failure(400, 'invalid', 'reason must be text.');
}
