import { isDeep } from '../depth.ts';
import { RemoteError } from '../errors.ts';
import type { DeploymentFacts, Facts, Patience } from '../forges/facts.ts';
import type { Deployment } from '../forges/forge.ts';
import { markerOf } from '../identity.ts';
import type { Order } from '../order.ts';
import { decide } from '../run/decide.ts';
import { adoptedOrder } from '../run/look.ts';
import { Contradiction } from './contradiction.ts';

export type Adoptable = {
  /** With what the deployment brings: commit, task, payload, and the ref that it was made of. */
  readonly order: Order;
  /** It is another run's own, whose end this one only follows. */
  readonly isEcho: boolean;
  /** Its audience waits for our word on it: an event handed it to us, or we have spoken already. */
  readonly isAwaited: boolean;
};

/** The deployment that an order names, if the forge has it so that the order may have it. */
export async function adoptable(
  order: Order,
  { facts, now, patience }: { facts: Facts; now: number; patience: Patience },
): Promise<Adoptable> {
  const { deployment, ref } = await read(order.deploymentId ?? '', facts, patience);
  const look = { adopted: deployment, others: [] };
  const plan = decide(order, markerOf(order, 0), look, false, now);
  if (plan.go === 'stop') throw new Contradiction(plan.reason, 'nothing');
  if (isDeep(deployment.payload)) {
    const message = `deployment ${deployment.id} has a payload that is nested deeper than 100 levels`;
    throw new Contradiction(message, 'nothing');
  }
  return {
    order: { ...(ref ? { ref } : {}), ...adoptedOrder(order, deployment) },
    isEcho: plan.go === 'echo',
    isAwaited: order.startedBy === 'forge' || hasOurWord(deployment, order),
  };
}

async function read(id: string, facts: Facts, patience: Patience): Promise<DeploymentFacts> {
  if (!facts.deployment) {
    const message = `deployment_id is ${id}, and ${facts.place} has no deployments to go on with`;
    throw new Contradiction(message, 'nothing');
  }
  try {
    return await facts.deployment(id, patience);
  } catch (error) {
    if (!(error instanceof RemoteError) || error.status !== 404) throw error;
    const message = `there is no deployment ${id} in ${facts.place} that ${facts.setting} can see`;
    throw new Contradiction(message, 'nothing');
  }
}

const hasOurWord = ({ statuses }: Deployment, { runKey }: Order): boolean =>
  statuses.some(({ marker }) => marker?.key === runKey && !marker.closure);
