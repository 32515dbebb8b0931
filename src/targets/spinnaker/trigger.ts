import { createHash } from 'node:crypto';
import type { Order } from '../../order.ts';
import type { Job } from '../target.ts';
import { harmless, type Parameters } from './parameters.ts';
import type { SpinnakerValues } from './settings.ts';

/**
 * The correlation id: the same for whoever goes on with this attempt, and for nobody else. Spinnaker joins by it
 * whatever the pipeline, so that is a part of it. Where nothing remembers an attempt, a later process has to come to
 * the same id by the run key alone.
 */
export function correlationId(
  { order, attempt, unremembered }: Job,
  { spinnakerApplication, spinnakerPipeline }: SpinnakerValues,
  parameters: Parameters,
): string {
  const given = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const intent = [unremembered ? '' : attempt, spinnakerApplication, spinnakerPipeline, given];
  const hash = createHash('sha256').update(JSON.stringify(intent)).digest('hex');
  return `slipway-${order.runKey}-${hash.slice(0, 16)}`;
}

/** What starts an execution. What is deployed stands in `trigger.payload`, for pipelines that want to know. */
export const triggerOf = (order: Order, parameters: Parameters, key: string): object => ({
  type: 'manual',
  correlationId: key,
  parameters,
  payload: JSON.parse(harmless(JSON.stringify(payloadOf(order)))),
});

function payloadOf(order: Order): object {
  const { repo, environment, commit, ref, task, description, actor, payload } = order;
  return {
    ...{ repo, environment, commit, ref, task, description, actor },
    ...{ deployment_id: order.deploymentId, build_url: order.buildUrl, run_key: order.runKey },
    payload: Object.keys(payload).length > 0 ? payload : undefined,
  };
}
