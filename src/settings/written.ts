import type { Fault } from '../errors.ts';
import { type Table, yamlName } from './define.ts';
import { distance, nearestOf } from './nearest.ts';
import type { Source } from './sources.ts';

/** A variable that only this product would read and does not, with the nearest name. */
export type Unknown = Fault & {
  /** So near to a setting that a slip of the fingers is the only reason for it. */
  readonly isSlip: boolean;
};

export const warningOf = ({ name, message }: Unknown): string => `${name} ${message}`;

export function unknownNames(
  table: Table,
  sources: readonly Source[],
  known: ReadonlySet<string>,
): readonly Unknown[] {
  const names = new Set(
    Object.entries(table).flatMap(([key, { alias = [] }]) => [yamlName(key), ...alias]),
  );
  const unknown = sources.flatMap((source) =>
    [...(source.own ?? [])].filter(([name]) => !names.has(name) && !known.has(name)),
  );
  return unknown.map(([name, { label }]) => {
    const nearest = nearestOf(name, names);
    const prefix = label.slice(0, label.length - name.length);
    const hint = nearest ? `; did you mean ${prefix}${nearest.toUpperCase()}?` : '';
    const isSlip = nearest !== undefined && distance(name, nearest) <= (name.length < 8 ? 1 : 2);
    return { name: label, message: `is not a setting${hint}`, isSlip };
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
