import type { Setting } from '../settings/define.ts';
import type { JsonSchema } from '../settings/emit/schema.ts';
import { shown } from '../settings/load.ts';
import { nearestOf } from '../settings/nearest.ts';
import type { Rule } from '../settings/rules.ts';
import { isEmpty, type MapTree, type Report, type Tree, textOf } from './tree.ts';

/** How one part of slipway.yml is read, said twice: for the reader and as JSON Schema, for editors. */
export type Shape<T> = {
  readonly schema: JsonSchema;
  /** undefined: not acceptable, and reported. */
  read(tree: Tree, path: string, report: Report): T | undefined;
};

export type Field<T> = {
  readonly is: Shape<T>;
  /** One sentence for editors and for faults. */
  readonly about: string;
  readonly required?: true;
  readonly default?: T;
};
export type Fields = Readonly<Record<string, Field<unknown>>>;
type Sure = { readonly required: true } | { readonly default: unknown };
type Out<F> = F extends { readonly is: Shape<infer T> } ? T : never;
/** What `record` reads. Where a fault was reported something is missing, so nobody may use it then. */
export type Recorded<F> = {
  readonly [K in keyof F]: F[K] extends Sure ? Out<F[K]> : Out<F[K]> | undefined;
};

/** A value that a setting's rule reads. */
export const scalar = <T>(rule: Rule<T>): Shape<T> => ({
  schema: rule.json,
  read: (tree, path, report) => {
    const raw = tree.kind === 'scalar' ? textOf(tree) : undefined;
    const value = raw === undefined ? undefined : rule.read(raw);
    if (value !== undefined) return value;
    const got =
      raw === undefined ? `, got a ${tree.kind}` : shown({ is: rule as Setting['is'] }, raw);
    report(path, tree.line, rule.must + got);
    return undefined;
  },
});

/** At least one of something. */
export const several = <T>(item: Shape<T>): Shape<readonly T[]> => ({
  schema: { type: 'array', items: item.schema, minItems: 1 },
  read: (tree, path, report) => {
    if (tree.kind !== 'list' || tree.items.length === 0) {
      const cure = tree.kind === 'list' ? 'at least one' : 'a list';
      report(path, tree.line, `must be ${cure}, such as [a, b] or one a line after a dash`);
      return undefined;
    }
    const read = tree.items.map((each, at) => item.read(each, `${path}[${at}]`, report));
    // With holes where something was reported, so that the rest is judged as well.
    return read as readonly T[];
  },
});

/** A map with known keys. */
export function record<const F extends Fields>(fields: F): Shape<Recorded<F>> {
  const names = Object.keys(fields);
  const required = names.filter((name) => fields[name]?.required);
  const properties = Object.entries(fields).map(([name, { is: shape, about }]) => [
    name,
    described(shape.schema, about),
  ]);
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(properties),
      ...(required.length > 0 ? { required } : {}),
    },
    read: (tree, path, report) => {
      if (tree.kind !== 'map') {
        report(path, tree.line, `must be a map with ${names.join(', ')}`);
        return undefined;
      }
      reportUnknown(tree, path, names, report);
      const values = Object.entries(fields).map(([name, field]) => [
        name,
        readField(tree, name, field, path, report),
      ]);
      return Object.fromEntries(values) as Recorded<F>;
    },
  };
}

function readField(
  tree: MapTree,
  name: string,
  field: Field<unknown>,
  path: string,
  report: Report,
): unknown {
  const entry = tree.entries.get(name);
  const at = join(path, name);
  if (!entry) {
    if (field.required) report(at, tree.line, `is required: ${field.about}`);
    return field.default;
  }
  if (isEmpty(entry.value)) {
    report(at, entry.line, 'is empty: give it a value, or remove the line');
    return undefined;
  }
  return field.is.read(entry.value, at, report);
}

export function reportUnknown(
  tree: MapTree,
  path: string,
  names: readonly string[],
  report: Report,
  what = 'is not known here',
): void {
  for (const [name, { line }] of tree.entries) {
    if (names.includes(name)) continue;
    const nearest = nearestOf(name, names);
    const hint = nearest ? `did you mean ${nearest}?` : `there is ${names.join(', ')}`;
    report(join(path, name), line, `${what}; ${hint}`);
  }
}

export const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);

/** A schema with a sentence for whoever points at it. */
export const described = (schema: JsonSchema, about: string): JsonSchema => ({
  ...schema,
  description: about,
});
