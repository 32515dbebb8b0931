import type { Context } from '../context/context.ts';
import { serverContext } from '../context/server.ts';
import type { Config, Deployment } from '../deployments/config.ts';
import { loadRun } from '../deployments/judge.ts';
import type { Secrets } from '../deployments/secrets.ts';
import type { HookEvent } from '../hooks/hook.ts';
import type { Host } from '../host.ts';
import type { Failed } from '../http/observed.ts';
import { type Values, yamlName } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import type { Reading } from '../settings/load.ts';
import type { NewRun, Run } from '../store/run.ts';
import { catalog, everySetting } from './owners.ts';
import { type Base, createVoice, type Prepared, prepare } from './prepare.ts';
import type { Read } from './read.ts';
import { redactorOf } from './redaction.ts';

/** What runs of the server are executed with. What may change while it runs is a function. */
export type Serving = {
  readonly host: Host;
  readonly publicUrl: string;
  config(): Config;
  secrets(): Secrets;
  readonly reading: Reading;
  readonly forgeFailed: Failed;
};

/** What of a request or an event is kept with a run. */
type Kept = {
  readonly settings?: Readonly<Record<string, string>>;
  readonly event?: Partial<HookEvent>;
};

export const deploymentOf = ({ config }: Serving, { deployment }: Run): Deployment | undefined =>
  config().deployments.find(({ name }) => name === deployment);

/** The event that started a run, as its delivery told it. */
export const eventOf = (kept: NewRun['request']): Kept['event'] => (kept as unknown as Kept).event;

/** A stored run as the verbs see a build of CI: settings by the operator and the caller, facts by the event. */
export async function baseOf(
  serving: Serving,
  run: Run,
  kept: NewRun['request'],
  seat: Pick<Host, 'signal' | 'write'>,
): Promise<Base> {
  const deployment = deploymentOf(serving, run);
  if (!deployment) throw new Error(`slipway.yml has no deployment ${run.deployment}`);
  const { settings = {}, event } = kept as unknown as Kept;
  const { forge, forgeUrl, repository } = deployment;
  const context = serverContext({
    ...{ runId: run.id, createdAt: run.createdAt, publicUrl: serving.publicUrl },
    ...{ forge, forgeUrl, repository, actor: run.actor },
    source: event?.kind ?? (run.source === 'spinnaker' ? 'spinnaker' : 'api'),
    commit: event?.deploymentId ? undefined : event?.sha,
    ref: event?.deploymentId ? undefined : event?.ref,
    deploymentId: event?.deploymentId,
  });
  return readFor(serving, deployment, context, settings, seat);
}

/** A run of the store, ready to be carried out or told of: whoever opens anything for it knows which it is. */
export function prepareRun(base: Base, { id: runId }: Run): Prepared {
  const prepared = prepare(base, 'deploy');
  return { ...prepared, order: { ...prepared.order, runId } };
}

/** Settings and facts of one deployment, judged but not yet demanded. */
export async function readFor(
  serving: Serving,
  deployment: Deployment,
  context: Context,
  settings: Readonly<Record<string, string>>,
  seat: Pick<Host, 'signal' | 'write'>,
): Promise<Base> {
  const { secrets, reading } = serving;
  const loaded = loadRun(deployment, secrets(), settings, catalog, reading, context);
  const isFact = (key: string): boolean =>
    loaded.origins.get(key) === `${yamlName(key)} of the server build`;
  const read: Read = {
    ...{ context, loaded, values: loaded.values as Values<typeof general> },
    fromContext: new Set(Object.keys(everySetting).filter(isFact)),
    faults: loaded.faults,
    warnings: loaded.warnings,
    isTampered: false,
  };
  const host: Host = {
    ...serving.host,
    ...seat,
    argv: [],
    env: plainEnv(serving.host.env),
    terminal: false,
  };
  const redactor = redactorOf(host, read);
  const { forgeFailed } = serving;
  return { host, read, redactor, log: await createVoice(host, read, redactor), forgeFailed };
}

/** The server's own variables hold every operator's secret: a deploy is given what any program needs, and no more. */
const plain = /^(?:PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|(?:https?|no)_proxy)$/i;
const plainEnv = (env: Host['env']): Host['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => plain.test(name)));
