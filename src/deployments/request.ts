import { isDeep } from '../depth.ts';
import type { Fault } from '../errors.ts';
import { type Setting, type Table, yamlName } from '../settings/define.ts';
import { load } from '../settings/load.ts';
import { nearestOf } from '../settings/nearest.ts';
import { isObject, jsonOf } from '../settings/rules.ts';
import { type Catalog, everyTable, isCallers, type Named, namesIn, selectors } from './catalog.ts';
import { mostFaults, type Refusal, refuse } from './refusal.ts';
import { requestSource } from './sources.ts';
import { isTemplate, templateCure, unresolvedFields } from './unresolved-body.ts';

/** A run that somebody asks for: plain data without secrets, which a store may keep as it is. */
export type RunRequest = {
  /** What selects: a name, or a repository with an environment. */
  readonly deployment?: string;
  readonly repository?: string;
  readonly environment?: string;
  /** Callers' settings by YAML name, as text for `load`; what was null or empty is left out. */
  readonly settings: Readonly<Record<string, string>>;
  readonly spinnaker?: SpinnakerFacts;
};
export const spinnakerNames = ['application', 'pipeline', 'execution_id', 'stage_id'] as const;
export type SpinnakerFacts = {
  readonly [K in (typeof spinnakerNames)[number]]?: string;
};

export type Door = 'api' | 'spinnaker';
export type Read = { readonly request: RunRequest } | { readonly refusal: Refusal };

/** The settings that some deployment may leave to a request, and those that select one. */
export const callersTable = (catalog: Catalog): Table =>
  Object.fromEntries(
    Object.entries(everyTable(catalog)).filter(
      ([key, setting]) => isCallers(key, setting) || selectors.includes(key),
    ),
  );

export type ReadRequest = (text: string, door: Door) => Read;

/**
 * Judges bodies of `POST /v1/runs` and, with one field more, `POST /spinnaker/v1/runs`. Made once: the tables are
 * worked out here, not with every request.
 */
export function createRequestReader(catalog: Catalog): ReadRequest {
  const known = namesIn(callersTable(catalog));
  return (text, door) => {
    const body = jsonOf(text);
    if (body === undefined) {
      return isTemplate(text)
        ? refuse(422, 'unresolved', `The body ${templateCure}.`)
        : refuse(400, 'not_json', 'The body is not JSON.');
    }
    if (!isObject(body)) return refuse(400, 'not_an_object', 'The body must be a JSON object.');
    const unresolved = unresolvedFields(body);
    if (unresolved.length > 0) {
      return refuse(422, 'unresolved', 'An expression was not resolved.', unresolved);
    }
    const { faults, ...read } = readFields(body, door, known);
    if (faults.length > 0) {
      const [{ name, message } = { name: '', message: '' }] = faults;
      return refuse(400, 'invalid', `${name} ${message}`, faults);
    }
    return { request: requestOf(read) };
  };
}

type Fields = {
  readonly deployment: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly spinnaker: SpinnakerFacts | undefined;
};

function readFields(
  body: Readonly<Record<string, unknown>>,
  door: Door,
  known: ReadonlyMap<string, Named>,
): Fields & { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const beside = door === 'spinnaker' ? ['deployment', 'spinnaker'] : ['deployment'];
  const names = [...beside, ...known.keys()];
  const settings = new Map<string, string>();
  const asked: Record<string, Setting> = {};
  for (const [name, value] of Object.entries(body)) {
    if (beside.includes(name)) continue;
    const found = known.get(name);
    // More than are told of need no hint, and a body may hold thousands.
    const likely = faults.length < mostFaults ? names : [];
    const read = found ? textOf(value, found.setting) : unknownName(name, likely);
    if (typeof read === 'object') faults.push({ name, ...read });
    if (!found || typeof read !== 'string') continue;
    const key = yamlName(found.key);
    const other = settings.get(key);
    if (other !== undefined && other !== read) {
      faults.push({ name, message: `and ${key} are one setting with two values: keep one` });
    }
    settings.set(key, read);
    asked[found.key] = found.setting;
  }
  const given = Object.fromEntries(settings);
  // No setting of a caller's names a file.
  const reading = { emptyMeansMissing: false, readFile: () => '' };
  faults.push(...load(asked, [requestSource(given)], reading).faults);
  const deployment = plainText(body.deployment, 'deployment', faults);
  const spinnaker = door === 'spinnaker' ? spinnakerOf(body.spinnaker, faults) : undefined;
  return { faults, settings: given, deployment, spinnaker };
}

const unknownName = (name: string, names: readonly string[]): { message: string } => {
  const nearest = nearestOf(name, names);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  return { message: `is not a setting that a request may have${hint}` };
};

/** As `#toJson` sends it: ids as numbers or texts, what is not set as null or empty. undefined: not set. */
function textOf(value: unknown, { is: rule }: Setting): string | undefined | { message: string } {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value);
    return { message: 'must be sent as text: JSON does not keep a number as it was written' };
  }
  const kind = Array.isArray(value) ? 'array' : 'object';
  if (isDeep(value)) return { message: rule.must };
  return rule.json.type === kind
    ? JSON.stringify(value)
    : { message: `${rule.must}, got an ${kind}` };
}

function plainText(value: unknown, name: string, faults: Fault[]): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value.trim() || undefined;
  faults.push({ name, message: 'must be text' });
  return undefined;
}

function spinnakerOf(value: unknown, faults: Fault[]): SpinnakerFacts | undefined {
  if (value === null || value === undefined) return undefined;
  if (!isObject(value)) {
    faults.push({
      name: 'spinnaker',
      message: `must be an object of ${spinnakerNames.join(', ')}`,
    });
    return undefined;
  }
  const facts = Object.entries(value).flatMap(([key, fact]) => {
    const name = `spinnaker.${key}`;
    if (!spinnakerNames.some((each) => each === key)) {
      const nearest = nearestOf(key, faults.length < mostFaults ? spinnakerNames : []);
      faults.push({ name, message: `is not known${nearest ? `; did you mean ${nearest}?` : ''}` });
      return [];
    }
    const text = plainText(fact, name, faults);
    return text === undefined ? [] : [[key, text] as const];
  });
  return Object.fromEntries(facts);
}

function requestOf({ deployment, settings, spinnaker }: Fields): RunRequest {
  const { repo, owner, environment, ...rest } = settings;
  const repository = repo && owner && !repo.includes('/') ? `${owner}/${repo}` : repo;
  return {
    ...(deployment ? { deployment } : {}),
    ...(repository ? { repository } : {}),
    ...(environment ? { environment } : {}),
    settings: rest,
    ...(spinnaker ? { spinnaker } : {}),
  };
}
