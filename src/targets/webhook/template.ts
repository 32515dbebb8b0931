import type { Order } from '../../order.ts';
import { filled, placeholder, placeholderNames } from '../../placeholders.ts';

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
    JSON.stringify(filled(name.trim(), order) ?? '').slice(1, -1);

function literal(order: Order, name: string): string {
  const value = filled(name, order);
  if (value === undefined) return 'null';
  return name === 'payload' || /^(?:0|[1-9]\d*)$/.test(value) ? value : JSON.stringify(value);
}

/** What is wrong with a template, as the end of a sentence; it is a secret, so little of it is quoted. */
export function templateFault(template: string): string | undefined {
  const names = [...template.matchAll(placeholder)].map(([, name = '']) => name.trim());
  const unknown = names.find((name) => !placeholderNames.includes(name));
  if (unknown !== undefined) {
    const shown = /^[\w.-]{1,30}$/.test(unknown) ? `{{${unknown}}}` : 'a placeholder';
    const known = placeholderNames.map((name) => `{{${name}}}`);
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
