import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Config, Webhook } from '../../deployments/config.ts';
import { startedBy } from '../../deployments/events.ts';
import type { Hook, HookEvent } from '../../hooks/hook.ts';
import { hooks } from '../../hooks/index.ts';
import type { Run } from '../../store/run.ts';
import type { Json } from '../../targets/target.ts';
import { sendJson } from '../answer.ts';
import { bytesOf, headersOf, hookBytes } from '../body.ts';
import { Failure } from '../failure.ts';
import type { Parts } from '../parts.ts';
import { runView } from '../run-view.ts';

/** `/hooks/…`: what happened at a forge. Nothing is asked of anybody here; the answer is there in milliseconds. */
export function hookRoutes(app: FastifyInstance, parts: Parts): void {
  for (const hook of hooks) {
    app.post(`/hooks/${hook.forge}`, { bodyLimit: hookBytes }, async (request, reply) => {
      const { status, body } = await receive(
        hook,
        { body: bytesOf(request), headers: headersOf(request) },
        parts,
      );
      return sendJson(reply, status, body);
    });
  }
}

type Delivery = { readonly body: Buffer; readonly headers: Parameters<Hook['read']>[1] };
type Answer = { readonly status: number; readonly body: object };

async function receive(hook: Hook, delivery: Delivery, parts: Parts): Promise<Answer> {
  const { metrics, opened, config } = parts;
  const { forge } = hook;
  const believed = prove(hook, delivery, parts);
  const reading = hook.read(delivery.body, delivery.headers);
  if (reading.kind === 'refused') {
    metrics.count('slipway_webhook_rejections_total', { forge, reason: 'unreadable' });
    throw new Failure(reading.status, 'not_a_delivery', `The delivery ${reading.why}.`);
  }
  const answered = (answer: string): void =>
    metrics.count('slipway_webhook_deliveries_total', { forge, answer });
  if (reading.kind === 'ping' || reading.kind === 'ignored') {
    answered('ignored');
    return ignored(reading.kind === 'ping' ? 'is a ping: the webhook works' : reading.why);
  }
  const delivered = hook.deliveryId(delivery.headers);
  const id = delivered === undefined ? undefined : keyOf(forge, delivered, believed);
  const before = id === undefined ? undefined : await opened().deliveries.get(id);
  if (before !== undefined) {
    answered('repeated');
    return { status: 202, body: before as object };
  }
  const { runs, whys, busy } = await startAll(reading.events, believed, config(), parts);
  if (runs.length === 0) {
    answered(busy.length > 0 ? 'busy' : 'ignored');
    if (busy.length > 0) throw new Failure(409, 'busy', `${busy.join('; ')}.`);
    return ignored(whys[0] ?? 'names nothing');
  }
  answered('runs');
  const body = {
    runs: runs.map((run) => runView(run, parts.links)),
    ...(busy.length > 0 ? { busy } : {}),
  };
  if (id === undefined) return { status: 202, body };
  // What was accepted is accepted, whether or not its answer can be kept: the event itself is known by then.
  return { status: 202, body: (await opened().deliveries.keep(id, body as Json)) as object };
}

/** No proof covers an id, and an answer names runs: it is kept for those who have the proof of the same repositories. */
function keyOf(forge: string, delivered: string, believed: readonly Webhook[]): string {
  const spoken = believed.map(({ forgeUrl, repositories }) => [forgeUrl, repositories]);
  const whose = createHash('sha256').update(JSON.stringify(spoken)).digest('hex');
  return [forge, delivered, whose.slice(0, 16)].join(' ');
}

const ignored = (why: string): Answer => ({ status: 200, body: { ignored: why } });

/** The entries of slipway.yml that the delivery carries a proof of; nothing else is looked at before. */
function prove(hook: Hook, { body, headers }: Delivery, parts: Parts): readonly Webhook[] {
  const { config, secrets, clock, sparing, metrics } = parts;
  const { forge } = hook;
  const entries = config().webhooks.filter((each) => each.forge === forge);
  const proofs = entries.map((each) => ({
    kind: each.proof,
    value: secrets().webhook(each) ?? '',
  }));
  const verified = hook.verify(proofs, body, headers, clock.now());
  if (!verified.ok) {
    metrics.count('slipway_webhook_rejections_total', { forge, reason: 'not_proven' });
    const where = `/hooks/${forge}`;
    sparing.say('warn', where, `A delivery to ${where} was refused: it ${verified.why}`);
    throw new Failure(
      401,
      'not_proven',
      'The delivery carries no proof of a webhook that is known here.',
    );
  }
  return verified.entries.flatMap((at) => entries[at] ?? []);
}

async function startAll(
  events: readonly HookEvent[],
  believed: readonly Webhook[],
  config: Config,
  { intake, log, metrics, clock }: Parts,
): Promise<{
  readonly runs: readonly Run[];
  readonly whys: readonly string[];
  readonly busy: readonly string[];
}> {
  const runs = new Map<string, Run>();
  const whys: string[] = [];
  const busy: string[] = [];
  for (const event of events) {
    const { deployments, why } = startedBy(config, believed, event);
    if (deployments.length === 0) whys.push(why);
    for (const deployment of deployments) {
      const began = clock.now();
      const { outcome, run } = await intake.start(deployment, event);
      const door = event.forge;
      metrics.count('slipway_runs_accepted_total', { door, outcome });
      if (outcome === 'busy') {
        busy.push(`${deployment.name} is busy with run ${run.id}, and does not queue`);
        continue;
      }
      runs.set(run.id, run);
      if (outcome === 'accepted') {
        metrics.observe('slipway_intake_seconds', { door }, (clock.now() - began) / 1000);
        log.info(`Run ${run.id} of ${deployment.name} is accepted`, {
          run: run.id,
          forge: event.forge,
        });
      }
    }
  }
  return { runs: [...runs.values()], whys, busy };
}
