import type { FastifyInstance } from 'fastify';
import { reaches } from '../../deployments/access.ts';
import { isObject, jsonOf } from '../../settings/rules.ts';
import { sendJson } from '../answer.ts';
import { textOf } from '../body.ts';
import { Failure } from '../failure.ts';
import { keyOf } from '../idempotency.ts';
import type { Parts } from '../parts.ts';
import { spinnakerView } from '../run-view.ts';
import { readStatusOrder } from '../status-order.ts';
import { unavailable } from '../troubles.ts';
import { findRun } from './runs.ts';

/** `/spinnaker/v1`: the same runs, in answers that Orca cannot misunderstand. */
export function spinnakerRoutes(app: FastifyInstance, parts: Parts): void {
  const { guard, intake, links, opened, insist } = parts;
  const reads = { onRequest: guard.demand('read') };
  const deploys = { onRequest: guard.demand('deploy') };

  app.post('/spinnaker/v1/runs', deploys, async (request, reply) => {
    const { run, isNew } = await intake.ask({
      text: textOf(request),
      door: 'spinnaker',
      token: guard.caller(request),
      key: keyOf(request),
    });
    return sendJson(reply, isNew ? 202 : 200, spinnakerView(run, links));
  });

  app.get('/spinnaker/v1/runs/:id', reads, async (request, reply) =>
    sendJson(reply, 200, spinnakerView(await findRun(parts, request), links)),
  );

  // Orca calls it after failures of every kind, often twice, and for stages whose create was refused; but never again
  // because of our answer, which it does not look at.
  app.route({
    method: ['POST', 'DELETE'],
    url: '/spinnaker/v1/executions/:execution/stages/:stage/cancel',
    ...deploys,
    handler: async (request, reply) => {
      const token = guard.caller(request);
      const { key = plainKey(request.headers['idempotency-key']), reason } = readCancel(
        textOf(request),
      );
      const run = await insist(`A cancellation by the token ${token.name}`, async () => {
        const found = key === undefined ? undefined : await opened().runs.byKey(token.name, key);
        if (!found || !reaches(token, found.deployment)) return undefined;
        return (await opened().cancel(found.id, 'Spinnaker', reason)) ?? found;
      });
      return run
        ? sendJson(reply, 200, spinnakerView(run, links))
        : sendJson(reply, 200, { ignored: 'no run of this token has this key' });
    },
  });

  statusRoute(app, parts);
}

/** What a stage without a forge's token wants to have posted. */
function statusRoute(app: FastifyInstance, parts: Parts): void {
  const { guard, config, ready, postStatus } = parts;
  const posts = { onRequest: guard.demand('status') };
  app.post('/spinnaker/v1/statuses', posts, async (request, reply) => {
    if (!ready()) throw unavailable('The server starts or ends. Ask again.');
    const order = readStatusOrder(textOf(request), config(), guard.caller(request));
    const posted = await postStatus(order);
    if (posted.outcome === 'unavailable') throw unavailable(posted.message);
    if (posted.outcome === 'refused') throw new Failure(422, 'refused', posted.message);
    return sendJson(reply, 200, { status: 'SUCCESS', progress: posted.text });
  });
}

type Cancel = { readonly key?: string; readonly reason?: string };

/** Whatever the body is, the call does no harm; what it does not say is in the header that every call carries. */
function readCancel(body: string): Cancel {
  const read = jsonOf(body);
  if (!isObject(read)) return {};
  const { key, reason } = read;
  return {
    ...(typeof key === 'string' && key !== '' ? { key } : {}),
    ...(typeof reason === 'string' && reason !== '' ? { reason: reason.slice(0, 500) } : {}),
  };
}

const plainKey = (header: unknown): string | undefined =>
  typeof header === 'string' && header !== '' ? header : undefined;
