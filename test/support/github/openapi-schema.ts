/** JSON Schema that ajv takes, from the parts of an OpenAPI 3.0 description that one operation uses. */

export type Json = { readonly [key: string]: unknown };

export type Components = { readonly schemas: Readonly<Record<string, Json>> };

const REF = '#/components/schemas/';

/**
 * A schema that stands alone: what it refers to comes along as definitions. It is closed: an unknown property is a
 * fault even where GitHub's own schema is lax, unless it says `additionalProperties` itself or is composed.
 */
export function standalone(schema: Json, components: Components, closed: boolean): Json {
  const definitions: Record<string, Json> = {};
  const collect = (name: string): void => {
    if (definitions[name]) return;
    const found = components.schemas[name];
    if (!found) throw new Error(`the description has no schema ${name}`);
    definitions[name] = {};
    definitions[name] = convert(found, collect, closed);
  };
  return { ...convert(schema, collect, closed), definitions };
}

function convert(schema: Json, collect: (name: string) => void, closed: boolean): Json {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.slice(REF.length);
    collect(name);
    return { $ref: `#/definitions/${name}` };
  }
  const composed = 'allOf' in schema || 'anyOf' in schema || 'oneOf' in schema;
  const inner = (part: Json): Json => convert(part, collect, closed && !('allOf' in schema));
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) own[key] = convertPart(key, value, inner);
  for (const key of NOT_A_RULE) delete own[key];
  if (closed && schema.properties && !composed && !('additionalProperties' in schema)) {
    own.additionalProperties = false;
  }
  return orElse(own, schema);
}

/** Keywords of OpenAPI that say nothing about what is valid. */
const NOT_A_RULE = ['example', 'nullable', 'default', 'discriminator', 'description', 'title'];

function convertPart(key: string, value: unknown, inner: (part: Json) => Json): unknown {
  if (key === 'properties') {
    const entries = Object.entries(value as Readonly<Record<string, Json>>);
    return Object.fromEntries(entries.map(([name, part]) => [name, inner(part)]));
  }
  if (Array.isArray(value) && ['allOf', 'anyOf', 'oneOf'].includes(key)) return value.map(inner);
  const nested = ['items', 'additionalProperties', 'not'].includes(key);
  return nested && typeof value === 'object' && value !== null ? inner(value as Json) : value;
}

/** `nullable`, and an empty string where GitHub's own default for a URI is empty. */
function orElse(own: Json, schema: Json): Json {
  const others: Json[] = [];
  if (schema.nullable === true) others.push({ type: 'null' });
  if (schema.format === 'uri' && schema.default === '') others.push({ const: '' });
  return others.length > 0 ? { anyOf: [own, ...others] } : own;
}
