import type { Host } from '../host.ts';
import { levels } from '../log.ts';
import type { Order } from '../order.ts';
import { outcomes } from '../outcome.ts';
import { createRedactor, type Redactor } from '../redact.ts';
import { reporterEntries } from '../reporters/index.ts';
import { actions } from '../settings/general.ts';
import { isObject } from '../settings/rules.ts';
import { secretTexts } from '../settings/secrets.ts';
import { targetEntries } from '../targets/index.ts';
import { everySetting } from './owners.ts';
import type { Read } from './read.ts';

/** Secrets that CI systems put into every step and that are no settings of ours. */
const foreignSecrets = [
  'DRONE_NETRC_PASSWORD',
  'CI_NETRC_PASSWORD',
  'CI_JOB_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
];

export function redactorOf(host: Host, read: Read): Redactor {
  const vendors = Object.values(everySetting).flatMap(({ secret, vendor = [] }) =>
    secret ? vendor : [],
  );
  const foreign = [...foreignSecrets, ...vendors].flatMap((name) => host.env[name] ?? []);
  const own = secretTexts(everySetting, read.loaded.values, seenByAll(read));
  return createRedactor([...own, ...foreign]);
}

/** The words in which later steps are told how it went. */
const words = [
  ...outcomes,
  ...['queued', 'in_progress', 'pending', 'inactive', 'rollback', 'true', 'false', 'null'],
  ...actions,
  ...levels,
];

/** What everybody's CI and forge show of a deploy, whatever we do: nothing in it is a secret of a map. */
function seenByAll({ context, values }: Read): readonly string[] {
  const facts = [values.environment, values.component, values.owner, values.repo, values.ref];
  const more = [values.commit, values.task, values.deploymentId, context.host, context.system];
  const ofBuild = [context.environment, context.repo, context.ref, context.commit, context.task];
  const links = [context.repoUrl, context.buildUrl, context.stepUrl, context.forgeApiUrl];
  const written = [values.environmentUrl, values.logUrl];
  return [
    ...words,
    ...[...targetEntries, ...reporterEntries].map(({ id }) => id),
    ...[...facts, ...more, ...ofBuild, context.event, context.actor],
    ...[...links, ...written].map((link) => link && URL.parse(link)?.host),
  ].filter((text) => text !== undefined && text !== '') as string[];
}

/** What of an order is shown to everybody. */
export function shownOrder(order: Order, redactor: Redactor): Order {
  const { description, environmentUrl, logUrls } = order;
  return {
    ...order,
    ...(description ? { description: redactor.text(description) } : {}),
    ...(environmentUrl ? { environmentUrl: redactor.text(environmentUrl) } : {}),
    logUrls: logUrls.map((link) => redactor.text(link)),
  };
}

/** The payload as the forge may show it; the deploy itself reads what the author wrote. */
export const shownPayload = (order: Order, redactor: Redactor): Order => ({
  ...order,
  payload: shown(order.payload, redactor) as Order['payload'],
});

function shown(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor.text(value);
  if (Array.isArray(value)) return value.map((item) => shown(item, redactor));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    redactor.text(key),
    shown(item, redactor),
  ]);
  return Object.fromEntries(entries);
}
