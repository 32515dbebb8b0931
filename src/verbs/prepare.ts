import type { CheckoutEntry } from '../checkout/checkout.ts';
import { checkoutEntries } from '../checkout/index.ts';
import type { Context } from '../context/context.ts';
import { type Fault, quoted, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Downloads, Http } from '../http/http.ts';
import { createHttp } from '../http/lazy.ts';
import { type Failed, observed } from '../http/observed.ts';
import type { Order } from '../order.ts';
import type { Redactor } from '../redact.ts';
import { reporterEntries } from '../reporters/index.ts';
import type { ReporterEntry, Verb } from '../reporters/reporter.ts';
import { type Values, yamlName } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import { demand, type Loaded } from '../settings/load.ts';
import { nearestOf } from '../settings/nearest.ts';
import type { TargetEntry } from '../targets/target.ts';
import { cardGuards, createLog, spinnakerGuards, type Voice } from '../voice.ts';
import { chooseTarget, impliedTargets } from './choose-target.ts';
import { readHead } from './head.ts';
import { makeOrder } from './order.ts';
import { everySetting } from './owners.ts';
import { type Flags, type Read, readSettings } from './read.ts';
import { redactorOf, shownOrder } from './redaction.ts';

/** Everything that a verb needs, read and judged; nothing has been asked of any remote. */
export type Prepared = {
  readonly host: Host;
  readonly context: Context;
  readonly loaded: Loaded;
  readonly values: Values<typeof general>;
  readonly order: Order;
  readonly target: TargetEntry | undefined;
  readonly reporters: readonly Chosen[];
  /** Why nobody else is told. */
  readonly declined: readonly Declined[];
  readonly log: Voice;
  readonly redactor: Redactor;
  readonly http: Http & Downloads;
  /** The same for forges. */
  readonly forgeHttp: Http & Downloads;
};
export type Chosen = { readonly entry: ReporterEntry; readonly why: string };
/** `home` owns the settings of who is not told; undefined where it is everybody. */
export type Declined = { readonly why: string; readonly home: string | undefined };

export const homeOf = ({ forge, id }: ReporterEntry): string => forge ?? id;

export const whyNobody = (declined: readonly Declined[]): string =>
  [...new Set(declined.map(({ why }) => why))].join('; ');

/** So many bytes of a step's log are kept. */
const logLimits: Readonly<Record<string, number>> = { drone: 5 * 1024 * 1024 };

/** Where the tree comes from; undefined where the target deploys none, or the author wants none. */
export const checkoutEntry = ({
  values,
  target,
}: Pick<Prepared, 'values' | 'target'>): CheckoutEntry | undefined =>
  target?.deploysTree ? checkoutEntries.find(({ id }) => id === values.checkout) : undefined;

/** What every verb starts from: settings read but not yet demanded, and a voice that keeps secrets. */
export type Base = {
  readonly host: Host;
  readonly read: Read;
  readonly redactor: Redactor;
  readonly log: Voice;
  /** A server counts what forges fail at. */
  readonly forgeFailed?: Failed;
};

export async function begin(host: Host, flags: Flags): Promise<Base> {
  const read = await readSettings(host, flags);
  const redactor = redactorOf(host, read);
  return { host, read, redactor, log: await createVoice(host, read, redactor) };
}

/** Throws a SettingsError with every fault at once. */
export function prepare(base: Base, verb: Verb): Prepared {
  const { prepared, faults } = judge(base, verb);
  if (faults.length > 0) throw new SettingsError(faults);
  return prepared;
}

export type Judged = { readonly prepared: Prepared; readonly faults: readonly Fault[] };

/** What was read, and everything that is wrong with it. Without faults all of it holds. */
export function judge({ host, read, redactor, log, forgeFailed }: Base, verb: Verb): Judged {
  const { context, values, fromContext } = read;
  const target = chooseTarget(read.loaded, values);
  const { entry } = target;
  const head =
    entry?.deploysTree && values.checkout === 'workspace' ? readHead(host.cwd) : undefined;
  const isFaulty = read.faults.length > 0;
  const { origins } = read.loaded;
  // What a forge may still believe to be open is its own repository's, wherever trees came from.
  const subject =
    verb === 'reap' ? undefined : checkoutEntry({ target: entry, values })?.subject?.(read.loaded);
  const settings = { values, origins, fromContext, head, subject, isFaulty };
  const ordered = makeOrder(settings, context, host.clock);
  const loaded = withFaults(read.loaded, ordered.faults);
  const order = shownOrder(ordered.order, redactor);
  const chosen = chooseReporters(loaded, values, order, verb);
  const deploys = verb === 'deploy' || (verb === 'check' && !isAboutStatus(read));
  const faults = [
    ...read.faults,
    ...ordered.faults,
    ...(deploys && target.fault ? [target.fault] : []),
    ...chosen.faults,
    ...(deploys && entry ? demand(entry.settings, loaded) : []),
  ];
  for (const warning of read.warnings) log.warn(warning);
  if (faults.length === 0) {
    for (const note of ordered.notes) log.info(note);
    if (values.skipVerify) log.warn('skip_verify: TLS certificates are not verified');
    if (
      deploys &&
      entry &&
      !entry.deploysTree &&
      ['archive', 'diversion'].includes(values.checkout)
    ) {
      log.warn(`checkout: ${values.checkout} fetches nothing: ${entry.id} deploys no tree`);
    }
  }
  const http = createHttp({
    proxyEnv: host.env,
    caCert: values.caCert,
    skipVerify: values.skipVerify,
    timeoutMs: values.httpTimeout,
    clock: host.clock,
    log,
  });
  const prepared = {
    host,
    context,
    loaded,
    values,
    order,
    target: deploys ? entry : undefined,
    reporters: chosen.entries,
    declined: chosen.declined,
    log,
    redactor,
    http,
    forgeHttp: forgeFailed ? observed(http, forgeFailed) : http,
  };
  return { prepared, faults };
}

/** What is faulty as an order is not told of again by whoever reads it. */
function withFaults(loaded: Loaded, faults: readonly Fault[]): Loaded {
  const names = faults.map(({ name }) => name);
  const keys = [...loaded.origins].flatMap(([key, origin]) =>
    names.includes(origin) ? [key] : [],
  );
  return { ...loaded, faulty: new Set([...loaded.faulty, ...keys]) };
}

/** `state` makes sense for the verb status only; a step that has it and nothing to deploy means that. */
export const isAboutStatus = ({ values, loaded }: Read): boolean =>
  values.state !== undefined && values.target === undefined && impliedTargets(loaded).length === 0;

export function createVoice(
  host: Host,
  { values, context }: Read,
  redactor: Redactor,
): Promise<Voice> {
  return createLog({
    write: host.write,
    level: values.debug && values.logLevel === 'info' ? 'debug' : values.logLevel,
    format: values.logFormat,
    colour: host.terminal ? !host.env.NO_COLOR : Boolean(host.env.FORCE_COLOR),
    redactor,
    guards: [
      ...(context.system === 'spinnaker' ? spinnakerGuards : []),
      ...(host.env.DRONE_CARD_PATH ? cardGuards : []),
    ],
    outputLimit: logLimits[context.system],
    now: () => host.clock.now(),
  });
}

export type Choices = {
  readonly entries: readonly Chosen[];
  /** Why `auto` left the others out. */
  readonly declined: readonly Declined[];
  readonly faults: readonly Fault[];
};

const strange = 'the tree is of Diversion, whose commits no Git forge knows';

export function chooseReporters(
  loaded: Loaded,
  values: Values<typeof general>,
  order: Order,
  verb: Verb,
): Choices {
  const ids = reporterEntries.map(({ id }) => id);
  const name = loaded.origins.get('report') ?? 'report';
  const unknown = values.report.filter((id) => !['auto', 'none', ...ids].includes(id));
  const faults: Fault[] = unknown.map((id) => {
    const nearest = nearestOf(id, ids);
    const hint = nearest ? `; did you mean ${nearest}?` : '';
    return {
      name,
      message: `must name auto, none or some of ${ids.join(', ')}, got ${quoted(id)}${hint}`,
    };
  });
  if (values.report.includes('none')) {
    return { entries: [], declined: [{ why: `${name} is none`, home: undefined }], faults };
  }
  const declined: Declined[] = [];
  const entries = reporterEntries.flatMap((entry): Chosen[] => {
    // No forge of Git could tell anybody of it.
    const isStrange = entry.forge !== undefined && order.forge === 'diversion';
    if (values.report.includes(entry.id)) {
      if (!isStrange) return [{ entry, why: `${name} names it` }];
      const message = `names ${entry.id}, and ${strange}: take it out, or name a deployment there (deployment_id)`;
      faults.push({ name, message });
      return [];
    }
    if (!values.report.includes('auto')) return [];
    const { wanted, why } = isStrange
      ? { wanted: false, why: strange }
      : entry.auto(loaded, order, verb);
    if (!wanted) declined.push({ why, home: homeOf(entry) });
    return wanted ? [{ entry, why }] : [];
  });
  return { entries, declined, faults };
}

const ours = /^(?:PLUGIN|SLIPWAY|SPINNAKER_PARAM)_/i;
/** An action's inputs, of which only those that are settings are certainly ours. */
const inputs = new Set(
  Object.entries(everySetting).flatMap(([key, { alias = [] }]) =>
    [yamlName(key), ...alias].map((name) => `INPUT_${name.toUpperCase()}`),
  ),
);
const isInput = (name: string): boolean => inputs.has(name.toUpperCase().replace(/[-.]/g, '_'));
/** What makes bash skip or replace the commands of a script; whoever promotes may have set it. */
const shellTricks = /^(?:SHELLOPTS|BASHOPTS|BASH_ENV|BASH_FUNC_.*)$/;

/** The environment for children: what is secret to Slipway is not theirs, unless the author passes it on. */
export function childEnv(env: Host['env']): Record<string, string | undefined> {
  const vendors = new Set(
    Object.values(everySetting).flatMap(({ secret, vendor = [] }) => (secret ? vendor : [])),
  );
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        !ours.test(name) && !isInput(name) && !shellTricks.test(name) && !vendors.has(name),
    ),
  );
}
