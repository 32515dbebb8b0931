import { type Fault, SettingsError } from '../errors.ts';
import { reporterEntries } from '../reporters/index.ts';
import type { Reporter, ReporterEntry, Verb } from '../reporters/reporter.ts';
import { envName, yamlName } from '../settings/define.ts';
import { type Loaded, missingFault } from '../settings/load.ts';
import { everySetting } from './owners.ts';
import { type Prepared, whyNobody } from './prepare.ts';
import { shownPayload } from './redaction.ts';

/** Throws a SettingsError with what each of them lacks. */
export function openReporters(p: Prepared, verb: Verb): readonly Reporter[] {
  const opened = p.reporters.map(({ entry }) => open(p, entry, verb));
  const faults = distinct(opened.flatMap((one) => ('faults' in one ? one.faults : [])));
  if (faults.length > 0) throw new SettingsError(faults.flatMap((fault) => named(fault, p.loaded)));
  return opened.flatMap((one) => ('reporter' in one ? [one.reporter] : []));
}

/** For verbs that are nothing without a forge. */
export function openForges(p: Prepared, verb: Verb): readonly Reporter[] {
  if (p.reporters.length > 0) return openReporters(p, verb);
  throw new SettingsError(lacking(p, verb));
}

/** Nobody is to be told, and why: what the reporters of the repository's forge would ask for. */
function lacking(p: Prepared, verb: Verb): readonly Fault[] {
  const { report } = p.values;
  if (report.includes('none') || !report.includes('auto')) return [nobody(p, 'nobody is named')];
  const home = p.order.forge ?? forgeOfSecrets(p.loaded) ?? 'github';
  const own = p.declined.filter((one) => one.home === home);
  const kin = reporterEntries.filter(({ forge }) => forge === home);
  // The one that is content with least is asked.
  const [missing = []] = kin
    .map((entry) => open(p, entry, verb))
    .map((one) => ('faults' in one ? one.faults : []))
    .sort((a, b) => a.length - b.length);
  return [
    ...(missing.length === 0 ? [nobody(p, whyNobody(own.length > 0 ? own : p.declined))] : []),
    ...missing.flatMap((fault) => named(fault, p.loaded)),
  ];
}

/** A token that is there says which forge its author has in mind. */
const forgeOfSecrets = ({ values }: Loaded): ReporterEntry['forge'] =>
  reporterEntries.find(
    ({ forge, settings }) =>
      forge &&
      Object.entries(settings).some(([key, { secret }]) => secret && values[key] !== undefined),
  )?.forge;

function nobody({ loaded }: Prepared, why: string): Fault {
  const origin = loaded.origins.get('report') ?? 'default';
  const name = origin === 'default' ? envName('report') : origin;
  return {
    name,
    message: `finds nobody to tell: ${why}; name a reporter (slipway help reporters)`,
  };
}

type Opened = { readonly reporter: Reporter } | { readonly faults: readonly Fault[] };

function open(p: Prepared, entry: ReporterEntry, verb: Verb): Opened {
  const { forgeHttp: http, host, log, loaded } = p;
  const deps = { verb, http, clock: host.clock, log };
  try {
    return { reporter: entry.open(loaded, shownPayload(p.order, p.redactor), deps) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { faults: error.faults };
  }
}

/** A reporter names a setting as the docs do, its author by a variable; what is faulty already is said. */
export function named(fault: Fault, loaded: Loaded): readonly Fault[] {
  const found = Object.entries(everySetting).find(([key]) => yamlName(key) === fault.name);
  if (!found) return [fault];
  const [key, setting] = found;
  if (loaded.faulty.has(key)) return [];
  return loaded.values[key] === undefined
    ? [missingFault(key, setting, loaded, fault.message)]
    : [{ ...fault, name: loaded.origins.get(key) ?? fault.name }];
}

/** What several miss is told once. */
export function distinct(faults: readonly Fault[]): readonly Fault[] {
  const first = new Map<string, Fault>();
  for (const fault of faults) {
    const { name, message } = fault;
    const key = message.startsWith('is required') ? name : `${name} ${message}`;
    if (!first.has(key)) first.set(key, fault);
  }
  return [...first.values()];
}
