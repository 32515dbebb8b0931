import type { Order } from '../../order.ts';
import type { Verb, Wish } from '../../reporters/reporter.ts';
import type { Loaded } from '../../settings/load.ts';
import { obstacle, valuesOf } from './connect.ts';

/** On these, a deployment that we create starts a second build of the same deploy. */
const echoing = ['drone', 'woodpecker'];

export const mayCreate = (loaded: Loaded, order: Order): boolean =>
  valuesOf(loaded).createDeployment ?? !echoing.includes(order.system);

/** Whether there is, or may be, a deployment to report on. */
export function wishForDeployment(loaded: Loaded, order: Order, verb: Verb): Wish {
  const why = obstacle(loaded, order);
  if (why) return { wanted: false, why };
  if (verb === 'reap') return { wanted: true, why: 'orphaned deployments are looked for' };
  if (order.deploymentId) return { wanted: true, why: `deployment ${order.deploymentId} is known` };
  if (!mayCreate(loaded, order)) {
    return { wanted: false, why: 'there is no deployment, and create_deployment is false' };
  }
  const lacking = [
    ...(order.environment ? [] : ['environment']),
    ...((order.commit ?? order.ref) ? [] : ['commit']),
  ];
  return lacking.length > 0
    ? {
        wanted: false,
        why: `there is no deployment, and no ${lacking.join(' nor ')} to create one`,
      }
    : { wanted: true, why: 'a deployment may be created' };
}

/** Whether the commit is to be told: when the author asked for it, or where nothing else can be. */
export function wishForStatus(loaded: Loaded, order: Order, verb: Verb): Wish {
  const why = obstacle(loaded, order);
  if (why) return { wanted: false, why };
  if (verb === 'reap') return { wanted: true, why: 'orphaned commit statuses are looked for' };
  if (!order.commit) return { wanted: false, why: 'no commit is known' };
  if (valuesOf(loaded).statusContext) return { wanted: true, why: 'status_context is set' };
  const deployment = wishForDeployment(loaded, order, verb);
  return { wanted: !deployment.wanted, why: deployment.why };
}
