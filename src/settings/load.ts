import { type Fault, quoted } from '../errors.ts';
import { envName, type Setting, type Table, yamlName } from './define.ts';
import { cureOf, doubtful, mangled } from './mangled.ts';
import type { Given, Source } from './sources.ts';
import { unresolved } from './unresolved.ts';

export type Reading = {
  /** Where a missing secret arrives as an empty variable, and plain empty ones do not exist: Drone. */
  readonly emptyMeansMissing: boolean;
  /** Reads the file behind `@path`; throws when it cannot. */
  readFile(path: string): string;
};

export type Loaded = {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where each value came from: `PLUGIN_TARGET`, `--target`, `default` … */
  readonly origins: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
  /** Settings that have a fault. */
  readonly faulty: ReadonlySet<string>;
  readonly warnings: readonly string[];
  /** Settings whose variable was there and empty, with its name. */
  readonly empty: ReadonlyMap<string, string>;
};

export const emptySecret = 'is empty: the secret was not found, or is not exposed to this event';

/** Takes each setting from the first source that has it, and reports all faults at once. */
export function load(table: Table, sources: readonly Source[], reading: Reading): Loaded {
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const faults: Fault[] = [];
  const faulty = new Set<string>();
  const warnings: string[] = [];
  const empty = new Map<string, string>();
  for (const [key, setting] of Object.entries(table)) {
    values[key] = setting.default;
    if (setting.default !== undefined) origins.set(key, 'default');
    const found = find(key, setting, sources);
    if (found.empty) empty.set(key, found.empty);
    const read = found.given && readOne(setting, found, found.given, reading);
    const fault = found.fault ?? faultOf(read, found, setting, reading);
    if (fault) {
      faults.push(fault);
      faulty.add(key);
    } else if (found.given && read && 'value' in read) {
      values[key] = read.value;
      origins.set(key, found.given.label);
      warnings.push(...found.warnings, ...read.warnings);
    }
  }
  return { values, origins, faults, faulty, warnings, empty };
}

/** The faults of what is chosen and not there. */
export function demand(table: Table, loaded: Loaded): readonly Fault[] {
  const missing = Object.entries(table).filter(
    ([key, setting]) =>
      setting.required && loaded.values[key] === undefined && !loaded.faulty.has(key),
  );
  return missing.map(([key, setting]) => {
    const isEmpty = loaded.empty.has(key);
    const message = `is ${isEmpty ? 'empty and ' : ''}required: ${setting.about}`;
    return missingFault(key, setting, loaded, message);
  });
}

/** A setting that is not there, under the name by which its author knows it. */
export function missingFault(
  key: string,
  { secret }: Setting,
  { empty }: Loaded,
  message: string,
): Fault {
  const label = empty.get(key);
  return { name: label ?? envName(key), message: label && secret ? emptySecret : message };
}

/** The name under which the author wrote a setting, else the one that the docs use. */
export function writtenName({ origins }: Pick<Loaded, 'origins'>, key: string): string {
  const origin = origins.get(key) ?? 'default';
  return origin === 'default' ? yamlName(key) : origin;
}

type Found = {
  readonly given?: Given;
  readonly exact?: true;
  readonly fault?: Fault;
  readonly warnings: readonly string[];
  /** Label of the first variable that was there and empty. */
  readonly empty?: string;
};

/** Empty means not set: CI systems pass secrets and parameters that they do not have as empty variables. */
function find(key: string, setting: Setting, sources: readonly Source[]): Found {
  const names = [yamlName(key), ...(setting.alias ?? [])];
  let empty: string | undefined;
  for (const source of sources) {
    const all = names.flatMap((name) => source.get(name) ?? []);
    const given = all.filter(({ raw }) => raw.trim() !== '' || source.id === 'flags');
    empty ??= all.find(({ raw }) => raw.trim() === '')?.label;
    const [first] = given;
    if (!first) continue;
    const fault = doubleOf(names, source, first, given);
    const older = source.get(names[0] ?? '')?.label !== first.label;
    const warnings = older ? [`${first.label} is an older name of ${names[0]}`] : [];
    const exact = source.exact ? { exact: source.exact } : {};
    return { given: first, warnings, ...exact, ...(fault ? { fault } : {}) };
  }
  return { warnings: [], ...(empty ? { empty } : {}) };
}

/** One setting in two spellings with two values: which of them the author wrote, nobody knows. */
function doubleOf(
  names: readonly string[],
  source: Source,
  first: Given,
  given: readonly Given[],
): Fault | undefined {
  const [name, other] = names.map((name) => source.doubles?.get(name)).find(Boolean) ?? [
    first.label,
    given.find(({ raw }) => raw !== first.raw)?.label,
  ];
  return other
    ? { name, message: `and ${other} are one setting with two values: keep one` }
    : undefined;
}

type Read =
  | { readonly value: unknown; readonly warnings: readonly string[] }
  | { readonly message: string };

function faultOf(
  read: Read | undefined,
  found: Found,
  setting: Setting,
  reading: Reading,
): Fault | undefined {
  if (found.given && read && 'message' in read) {
    return { name: found.given.label, message: read.message };
  }
  const missing = !found.given && found.empty && setting.secret && reading.emptyMeansMissing;
  return missing && found.empty ? { name: found.empty, message: emptySecret } : undefined;
}

function readOne(setting: Setting, { exact }: Found, given: Given, reading: Reading): Read {
  const rule = setting.is;
  // A flag without a value.
  if (given.raw === '' && rule.kind === 'bool') return { value: true, warnings: [] };
  const text = setting.file ? contents(setting, given.raw, reading) : { raw: given.raw };
  if ('message' in text) return text;
  const message = unresolved(setting, text.raw) ?? (exact ? undefined : mangled(rule, text.raw));
  if (message) return { message };
  const value = rule.read(text.raw);
  if (value === undefined) {
    const cure = exact ? '' : cureOf(rule, text.raw);
    return { message: `${rule.must}${shown(setting, text.raw)}${cure}` };
  }
  const doubt = setting.secret || exact ? undefined : doubtful(rule, text.raw);
  return { value, warnings: doubt ? [`${given.label} ${doubt}`] : [] };
}

/** The bad value, unless it is or may carry a credential: a map's values, a URL's user and query. */
export function shown({ is: rule, secret }: Pick<Setting, 'is' | 'secret'>, raw: string): string {
  if (secret || rule.kind === 'map') return '';
  const value =
    rule.kind === 'url' ? raw.replace(/\/\/[^/]*@/, '//…@').replace(/\?.*/s, '?…') : raw;
  return `, got ${quoted(value)}`;
}

function contents(
  { secret }: Setting,
  raw: string,
  reading: Reading,
): { raw: string } | { message: string } {
  if (!raw.startsWith('@')) return { raw };
  const path = raw.slice(1).trim();
  // What starts with @ may be the secret itself.
  const name = secret ? '' : `: ${path.length > 200 ? quoted(path) : path}`;
  try {
    const text = reading.readFile(path);
    return text.trim() === '' ? { message: `names a file that is empty${name}` } : { raw: text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not readable';
    return { message: `names a file that cannot be read${name} (${code})` };
  }
}
