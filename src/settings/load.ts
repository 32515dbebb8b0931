import type { Fault } from '../errors.ts';
import { envName, type Setting, type Table, yamlName } from './define.ts';
import { nearestOf } from './nearest.ts';
import { looksMangled } from './rules.ts';
import type { Given, Source } from './sources.ts';

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
  readonly warnings: readonly string[];
  /** Settings whose variable was there and empty. */
  readonly empty: ReadonlySet<string>;
};

/** Takes each setting from the first source that has it, and reports all faults at once. */
export function load(table: Table, sources: readonly Source[], reading: Reading): Loaded {
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const faults: Fault[] = [];
  const warnings: string[] = [];
  const empty = new Set<string>();
  for (const [key, setting] of Object.entries(table)) {
    values[key] = setting.default;
    if (setting.default !== undefined) origins.set(key, 'default');
    const given = find(key, setting, sources, warnings, empty);
    if (!given) {
      if (setting.secret && empty.has(key) && reading.emptyMeansMissing) {
        faults.push({ name: envName(key), message: emptySecret });
      }
      continue;
    }
    const read = readOne(setting, given, reading);
    if ('message' in read) faults.push({ name: given.label, message: read.message });
    else {
      values[key] = read.value;
      origins.set(key, given.label);
    }
  }
  return { values, origins, faults, warnings, empty };
}

/** The faults of what is chosen and not there. */
export function demand(table: Table, loaded: Loaded): readonly Fault[] {
  const missing = Object.entries(table).filter(
    ([key, setting]) =>
      setting.required &&
      loaded.values[key] === undefined &&
      !loaded.faults.some((fault) => sameName(fault.name, key)),
  );
  return missing.map(([key, setting]) => ({
    name: envName(key),
    message:
      loaded.empty.has(key) && setting.secret ? emptySecret : `is required: ${setting.about}`,
  }));
}

const sameName = (label: string, key: string): boolean =>
  label.toLowerCase().replace(/[-.]/g, '_').endsWith(yamlName(key));

const emptySecret = 'is empty: the secret was not found, or is not exposed to this event';

/** Empty means not set: CI systems pass secrets and parameters that they do not have as empty variables. */
function find(
  key: string,
  setting: Setting,
  sources: readonly Source[],
  warnings: string[],
  empty: Set<string>,
): Given | undefined {
  const name = yamlName(key);
  for (const source of sources) {
    for (const candidate of [name, ...(setting.alias ?? [])]) {
      const given = source.get(candidate);
      if (given === undefined) continue;
      if (given.raw === '' && source.id !== 'flags') {
        empty.add(key);
        continue;
      }
      if (candidate !== name) warnings.push(`${given.label} is an older name of ${name}`);
      return given;
    }
  }
  return undefined;
}

type Read = { readonly value: unknown } | { readonly message: string };

function readOne(setting: Setting, given: Given, reading: Reading): Read {
  const raw = setting.file ? contents(given.raw, reading) : { value: given.raw };
  if ('message' in raw) return raw;
  const unresolved = setting.is.prose ? undefined : unresolvedText(raw.value);
  if (unresolved) return { message: unresolved };
  const value = setting.is.read(raw.value);
  if (value !== undefined) return { value };
  const got = setting.secret ? '' : `, got ${JSON.stringify(shortened(raw.value))}`;
  const cure = looksMangled(raw.value)
    ? '; YAML changes unquoted numbers and dates, so quote the value'
    : '';
  return { message: `${setting.is.must}${got}${cure}` };
}

const shortened = (raw: string): string => (raw.length > 80 ? `${raw.slice(0, 80)}…` : raw);

function contents(raw: string, reading: Reading): { value: string } | { message: string } {
  if (!raw.startsWith('@')) return { value: raw };
  try {
    return { value: reading.readFile(raw.slice(1).trim()) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not readable';
    return { message: `names a file that cannot be read: ${raw.slice(1).trim()} (${code})` };
  }
}

/** Text that some earlier stage should have replaced. The text itself is not shown: it may stand in a secret. */
function unresolvedText(raw: string): string | undefined {
  if (raw.trim() === 'placeholder') {
    return 'is still the word placeholder: the stage that starts this container did not fill it in';
  }
  if (/\$\{[^}]*\}/.test(raw)) {
    return `holds an unresolved \${…}: the variable does not exist where this pipeline is read`;
  }
  if (/<\+[^>]*>/.test(raw)) {
    return 'holds an unresolved <+…> expression: Harness did not find what it names';
  }
  if (/^[[{].*"?from_secret"?\s*:/s.test(raw.trim()) || /^from_secret\b/.test(raw.trim())) {
    return 'holds the text from_secret: Drone resolves it only as the whole setting, not inside a list or map';
  }
  return undefined;
}

/** Warnings for variables that only this product would read and does not, each with the nearest name. */
export function unknownNames(
  table: Table,
  sources: readonly Source[],
  known: ReadonlySet<string>,
): readonly string[] {
  const names = new Set(
    Object.entries(table).flatMap(([key, setting]) => [yamlName(key), ...(setting.alias ?? [])]),
  );
  const unknown = sources.flatMap((source) =>
    [...(source.own ?? [])].filter(([name]) => !names.has(name) && !known.has(name)),
  );
  return unknown.map(([name, { label }]) => {
    const nearest = nearestOf(name, names);
    const hint = nearest
      ? `; did you mean ${label.slice(0, label.length - name.length)}${nearest.toUpperCase()}?`
      : '';
    return `${label} is not a setting${hint}`;
  });
}
