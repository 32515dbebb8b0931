import type { Fault } from '../errors.ts';
import { type Table, yamlName } from './define.ts';
import { nearestOf } from './nearest.ts';
import type { Source } from './sources.ts';

/** Warnings for variables that only this product would read and does not, each with the nearest name. */
export function unknownNames(
  table: Table,
  sources: readonly Source[],
  known: ReadonlySet<string>,
): readonly string[] {
  const names = new Set(
    Object.entries(table).flatMap(([key, { alias = [] }]) => [yamlName(key), ...alias]),
  );
  const unknown = sources.flatMap((source) =>
    [...(source.own ?? [])].filter(([name]) => !names.has(name) && !known.has(name)),
  );
  return unknown.map(([name, { label }]) => {
    const nearest = nearestOf(name, names);
    const prefix = label.slice(0, label.length - name.length);
    return `${label} is not a setting${nearest ? `; did you mean ${prefix}${nearest.toUpperCase()}?` : ''}`;
  });
}

/**
 * What stands in a source beside the names of the setting `only`: whoever may promote a build can add any
 * variable to the step, and this closes what the author left open. An empty one sets nothing: entries pass on inputs that
 * nobody wrote. `known` are the names that CI sets.
 */
export function unwrittenNames(
  only: readonly string[],
  source: Source,
  known: ReadonlySet<string>,
): readonly Fault[] {
  const written = new Set([
    'only',
    ...only.map((name) => name.toLowerCase().replace(/[-.]/g, '_')),
  ]);
  return [...(source.own ?? [])]
    .filter(([name, { raw }]) => raw !== '' && !written.has(name) && !known.has(name))
    .map(([, { label }]) => ({
      name: label,
      message: 'is not among the names in `only`: add it there if the pipeline sets it',
    }));
}
