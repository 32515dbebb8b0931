import type { Setting, Table } from '../settings/define.ts';
import { yamlName } from '../settings/define.ts';
import { load, type Reading } from '../settings/load.ts';
import { nearestOf } from '../settings/nearest.ts';
import type { Given, Source } from '../settings/sources.ts';
import {
  type Catalog,
  everyTable,
  fieldOf,
  isCallers,
  type Named,
  namesIn,
  notServed,
  type TargetTable,
  tableOf,
} from './catalog.ts';
import type { Deployment } from './config.ts';
import { type SecretRef, secretRef } from './secret-ref.ts';
import { isEmpty, type MapTree, plainOf, type Report, type Tree, textOf } from './tree.ts';

export type Judged = Pick<Deployment, 'settings' | 'secrets' | 'open'>;
type Tools = {
  readonly catalog: Catalog;
  readonly reading: Reading;
  readonly report: Report;
  readonly warn: Report;
};
export type Parts = {
  readonly path: string;
  readonly line: number;
  /** undefined: the target's name was not usable, which is a fault already. */
  readonly target: TargetTable | undefined;
  readonly settings: Tree | undefined;
  readonly secrets: Tree | undefined;
};

/** Judges the settings of one deployment by the one table, as far as that goes without the secrets' values. */
export function judgeSettings(parts: Parts, { catalog, reading, report, warn }: Tools): Judged {
  const { path, target } = parts;
  const table = target ? tableOf(catalog, target) : everyTable(catalog);
  const lookup = createLookup(catalog, table, target, report);
  const at = { settings: `${path}.settings`, secrets: `${path}.secrets` };
  const settings = new Map<string, Given>();
  const lines = new Map<string, number>();
  for (const [name, line, value] of entriesOf(parts.settings, at.settings, report)) {
    const place = `${at.settings}.${name}`;
    const raw = readSetting(lookup(name, place, line), name, value, place, line, report);
    if (raw === undefined) continue;
    settings.set(name, { label: place, raw });
    lines.set(place, line);
  }
  const secrets = readSecretRefs(parts.secrets, at.secrets, lookup, report);
  const source: Source = { id: 'file', exact: true, get: (name) => settings.get(name) };
  const loaded = load(table, [source], reading);
  for (const { name, message } of loaded.faults) report(name, lines.get(name) ?? 0, message);
  for (const warning of loaded.warnings) {
    const [place = ''] = warning.split(' ');
    warn(place, lines.get(place) ?? 0, warning.slice(place.length + 1));
  }
  const names = namesIn(table);
  const written = new Set([...settings.keys(), ...secrets.keys()].map((n) => names.get(n)?.key));
  if (target) demandAll(parts, target.settings, written, report);
  return {
    settings: Object.fromEntries([...settings].map(([name, { raw }]) => [name, raw])),
    secrets: Object.fromEntries(secrets),
    open: Object.entries(table)
      .filter(([key, setting]) => isCallers(key, setting) && !written.has(key))
      .map(([key]) => yamlName(key)),
  };
}

type Lookup = (name: string, place: string, line: number) => Named | undefined;

/** The setting of a name, or a report of why there is none here. */
function createLookup(
  catalog: Catalog,
  table: Table,
  target: TargetTable | undefined,
  report: Report,
): Lookup {
  const names = namesIn(table);
  const allowed = [...names]
    .filter(([, { key }]) => !Object.hasOwn(fieldOf, key) && !Object.hasOwn(notServed, key))
    .map(([name]) => name);
  return (name, place, line) => {
    const found = names.get(name);
    const field = found && fieldOf[found.key];
    const why = found && notServed[found.key];
    if (found && !field && !why) return found;
    const owner = catalog.targets.find(({ settings }) => namesIn(settings).has(name));
    const nearest = nearestOf(name, allowed);
    if (field) report(place, line, `is no setting here: write \`${field}\` beside \`settings\``);
    else if (why) report(place, line, why);
    else if (owner && target) {
      report(place, line, `is of the target ${owner.id}; the target here is ${target.id}`);
    } else report(place, line, `is not a setting${nearest ? `; did you mean ${nearest}?` : ''}`);
    return undefined;
  };
}

function entriesOf(
  tree: Tree | undefined,
  path: string,
  report: Report,
): readonly (readonly [string, number, Tree])[] {
  if (!tree) return [];
  if (tree.kind === 'map') {
    return [...(tree as MapTree).entries].map(([name, { line, value }]) => [name, line, value]);
  }
  report(path, tree.line, 'must be a map of settings, one a line: `name: value`');
  return [];
}

/** As text, which is what rules read. */
function readSetting(
  found: Named | undefined,
  name: string,
  value: Tree,
  place: string,
  line: number,
  report: Report,
): string | undefined {
  if (!found) return undefined;
  const { setting } = found;
  if (setting.secret) {
    const how = `write ${name}: { env: NAME } or ${name}: { file: /path } under \`secrets\``;
    report(
      place,
      line,
      `is a secret and stands in the file as it is: replace the secret, and ${how}`,
    );
    return undefined;
  }
  if (isEmpty(value)) {
    report(place, line, 'is empty: give it a value, or remove the line');
    return undefined;
  }
  if (value.kind === 'scalar') return textOf(value);
  if (takes(setting, value.kind)) return JSON.stringify(plainOf(value));
  report(place, line, `${setting.is.must}, got a ${value.kind}`);
  return undefined;
}

/** Whether the schema of a setting's rule has a list or a map in it. */
function takes({ is: rule }: Setting, kind: 'list' | 'map'): boolean {
  const { type, anyOf } = rule.json as { type?: unknown; anyOf?: readonly { type?: unknown }[] };
  const wanted = kind === 'list' ? 'array' : 'object';
  return type === wanted || (anyOf ?? []).some((each) => each.type === wanted);
}

function readSecretRefs(
  tree: Tree | undefined,
  path: string,
  lookup: Lookup,
  report: Report,
): ReadonlyMap<string, SecretRef> {
  const refs = new Map<string, SecretRef>();
  for (const [name, line, value] of entriesOf(tree, path, report)) {
    const place = `${path}.${name}`;
    const found = lookup(name, place, line);
    if (!found) continue;
    if (!found.setting.secret) {
      report(place, line, 'is no secret: write it under `settings`');
      continue;
    }
    const ref = secretRef.read(value, place, report);
    if (ref) refs.set(name, ref);
  }
  return refs;
}

/** What the target cannot work without, and no request may bring. */
function demandAll(
  { path, line, settings, secrets }: Parts,
  table: Table,
  written: ReadonlySet<string | undefined>,
  report: Report,
): void {
  for (const [key, setting] of Object.entries(table)) {
    if (!setting.required || setting.caller || written.has(key)) continue;
    const group = setting.secret ? 'secrets' : 'settings';
    const tree = setting.secret ? secrets : settings;
    const name = yamlName(key);
    // It stands there, and what is wrong with it has been said.
    if (tree?.kind === 'map' && tree.entries.has(name)) continue;
    const how = setting.secret ? ` Write ${name}: { env: NAME } or ${name}: { file: /path }.` : '';
    report(`${path}.${group}.${name}`, tree?.line ?? line, `is required: ${setting.about}${how}`);
  }
}
