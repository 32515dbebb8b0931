import { type Setting, type Table, yamlName } from '../settings/define.ts';
import { defaultText } from '../settings/emit/owner.ts';
import type { JsonSchema } from '../settings/emit/schema.ts';
import { type Catalog, fieldOf, notServed, type TargetTable, tableOf } from './catalog.ts';
import { deploymentFields, fileFields } from './file.ts';
import { callersTable, type Door, spinnakerNames } from './request.ts';
import { secretRef } from './secret-ref.ts';
import { described, record } from './shape.ts';

/** slipway.yml for editors: the same fields and tables that the reader goes by. */
export function fileSchema(catalog: Catalog): JsonSchema {
  const ids = catalog.targets.map(({ id }) => id);
  const whole = record(fileFields).schema as { properties: Record<string, JsonSchema> };
  const one = record(deploymentFields).schema as { properties: Record<string, JsonSchema> };
  const deployment = {
    ...one,
    properties: {
      ...one.properties,
      target: described({ enum: ids }, deploymentFields.target.about),
    },
    allOf: catalog.targets.map(({ id }) => ({
      if: { properties: { target: { const: id } }, required: ['target'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
      then: { $ref: `#/$defs/${id}` },
    })),
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'slipway.yml',
    ...whole,
    properties: {
      ...whole.properties,
      deployments: { ...whole.properties.deployments, items: deployment },
    },
    $defs: Object.fromEntries(
      catalog.targets.map((target) => [target.id, partsOf(target, catalog)]),
    ),
  };
}

/** `settings` and `secrets` of a deployment with this target. */
function partsOf(target: TargetTable, catalog: Catalog): JsonSchema {
  const served = Object.entries(tableOf(catalog, target)).filter(
    ([key]) => !Object.hasOwn(fieldOf, key) && !Object.hasOwn(notServed, key),
  );
  const demanded = demandedOf(target.settings);
  const part = (isSecret: boolean, schemaOf: (setting: Setting) => JsonSchema): JsonSchema => {
    const own = served.filter(([, { secret = false }]) => secret === isSecret);
    const required = demanded.filter((name) => own.some(([key]) => yamlName(key) === name));
    const properties = own.map(([key, setting]) => [yamlName(key), schemaOf(setting)] as const);
    return {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(properties),
      ...(required.length > 0 ? { required } : {}),
    };
  };
  const groups = [
    ['settings', part(false, inFile)],
    ['secrets', part(true, ({ about }) => described(secretRef.schema, about))],
  ] as const;
  const needed = groups.filter(([, { required }]) => required).map(([name]) => name);
  return {
    properties: Object.fromEntries(groups),
    ...(needed.length > 0 ? { required: needed } : {}),
  };
}

const demandedOf = (table: Table): readonly string[] =>
  Object.entries(table)
    .filter(([, { required, caller }]) => required && !caller)
    .map(([key]) => yamlName(key));

/** As YAML has it: seconds may be a number, and a list one text with commas. */
function inFile(setting: Setting): JsonSchema {
  const { is: rule, about } = setting;
  const preset = defaultText(setting);
  const note = preset === undefined || preset === '' ? '' : ` Default: ${preset}.`;
  return described(loosened(rule), about + note);
}

function loosened({ kind, json }: Setting['is']): JsonSchema {
  if (kind === 'duration') return anyOf(json, { type: 'integer', minimum: 0 });
  return json.type === 'array' ? anyOf(json, { type: 'string', pattern: '\\S' }) : json;
}

const anyOf = (...schemas: readonly JsonSchema[]): JsonSchema => ({ anyOf: schemas });

/**
 * The body of a request, as people write it and as Orca's `#toJson` sends it: ids as numbers or texts, what is not
 * set as null or an empty text. Rules have the last word on texts.
 */
export function runSchema(catalog: Catalog, door: Door): JsonSchema {
  const settings = Object.entries(callersTable(catalog)).flatMap(([key, setting]) =>
    [yamlName(key), ...(setting.alias ?? [])].map((name) => [name, inBody(setting)] as const),
  );
  const text = { type: ['string', 'null'] };
  const spinnaker = {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(spinnakerNames.map((name) => [name, text])),
  };
  const about = 'Name in slipway.yml; without it, repository and environment select one.';
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      deployment: described(text, about),
      ...Object.fromEntries(settings),
      ...(door === 'spinnaker'
        ? { spinnaker: described(spinnaker, 'The stage that asks; it is cancelled by these ids.') }
        : {}),
    },
  };
}

function inBody({ is: rule, about }: Setting): JsonSchema {
  const unset = { enum: ['', null] };
  const { type, pattern } = rule.json;
  if (type !== 'string') {
    return described(anyOf(rule.json, { type: 'string', pattern: '\\S' }, unset), about);
  }
  // How far a number may go that is written as one: a duration has six digits.
  const isGood = (number: number): boolean =>
    typeof pattern !== 'string' || new RegExp(pattern).test(String(number));
  const minimum = [-Number.MAX_SAFE_INTEGER, 0, 1].find(isGood);
  const maximum = [Number.MAX_SAFE_INTEGER, 999_999].find(isGood);
  const isNumber = minimum !== undefined && maximum !== undefined;
  const whole = isNumber ? [{ type: 'integer', minimum, maximum }] : [];
  return described(anyOf(rule.json, ...whole, unset), about);
}
