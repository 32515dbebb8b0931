import type { Order } from './order.ts';

type Fill = (order: Order) => string | undefined;
const splitRepo = (order: Order): readonly [string | undefined, string | undefined] => {
  const [, owner, name] = /^(?:(.*)\/)?([^/]*)$/.exec(order.repo ?? '') ?? [];
  return [owner || undefined, name || undefined];
};

const fills: Readonly<Record<string, Fill>> = {
  repo: (order) => order.repo,
  owner: (order) => splitRepo(order)[0],
  name: (order) => splitRepo(order)[1],
  environment: (order) => order.environment,
  commit: (order) => order.commit,
  ref: (order) => order.ref,
  task: (order) => order.task,
  description: (order) => order.description,
  deployment_id: (order) => order.deploymentId,
  actor: (order) => order.actor,
  build_url: (order) => order.buildUrl,
  run_key: (order) => order.runKey,
  payload: (order) => JSON.stringify(order.payload),
};

/** `{{commit}}` and its like, which stand for what an order says. */
export const placeholder = /\{\{(.*?)\}\}/gs;
export const placeholderNames: readonly string[] = Object.keys(fills);

/** What the order says of it; undefined: nothing, or there is no such placeholder. */
export const filled = (name: string, order: Order): string | undefined =>
  Object.hasOwn(fills, name) ? fills[name]?.(order) : undefined;
