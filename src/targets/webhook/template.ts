import type { Order } from '../../order.ts';

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

const placeholder = /\{\{(.*?)\}\}/gs;
const stringOrPlaceholder = /"(?:[^"\\]|\\.)*"|\{\{(.*?)\}\}/gs;

/**
 * The body of an order. Whatever the values are, a template that is JSON gives JSON: inside quotes they are
 * escaped, outside they become JSON values of their own.
 */
export const renderBody = (template: string, order: Order): string =>
  template.replace(stringOrPlaceholder, (match, name: string | undefined) =>
    name === undefined ? match.replace(placeholder, escaped(order)) : literal(order, name.trim()),
  );

const escaped =
  (order: Order) =>
  (_: string, name: string): string =>
    JSON.stringify(fills[name.trim()]?.(order) ?? '').slice(1, -1);

function literal(order: Order, name: string): string {
  const value = fills[name]?.(order);
  if (value === undefined) return 'null';
  return name === 'payload' || /^(?:0|[1-9]\d*)$/.test(value) ? value : JSON.stringify(value);
}

/** What is wrong with a template, as the end of a sentence; it is a secret, so little of it is quoted. */
export function templateFault(template: string): string | undefined {
  const names = [...template.matchAll(placeholder)].map(([, name = '']) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(fills, name));
  if (unknown !== undefined) {
    const shown = /^[\w.-]{1,30}$/.test(unknown) ? `{{${unknown}}}` : 'a placeholder';
    const known = Object.keys(fills).map((name) => `{{${name}}}`);
    return `holds ${shown}, which is none of ${known.join(' ')}`;
  }
  try {
    JSON.parse(renderBody(template, { runKey: '', seq: 0, expiry: 0, system: '', ...unset }));
    return undefined;
  } catch {
    return 'must be JSON once its placeholders are filled in';
  }
}
const unset = {
  task: '',
  payload: {},
  written: {},
  startedBy: 'caller',
  ciPostsTerminal: false,
  logUrls: [],
} as const;

/** The order in the words of `POST /v1/runs`; what is not set is left out. */
export function defaultBody(order: Order): string {
  const { repo, environment, commit, ref, task, description, payload } = order;
  return JSON.stringify({
    repo,
    environment,
    commit,
    ref,
    deployment_id: order.deploymentId,
    task,
    description,
    payload: Object.keys(payload).length > 0 ? payload : undefined,
  });
}
