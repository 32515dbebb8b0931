/** A value of slipway.yml and the line it stands on, whatever library read it. */
export type Tree = MapTree | ListTree | ScalarTree;
export type MapTree = {
  readonly kind: 'map';
  readonly line: number;
  readonly entries: ReadonlyMap<string, Entry>;
};
export type ListTree = {
  readonly kind: 'list';
  readonly line: number;
  readonly items: readonly Tree[];
};
export type ScalarTree = {
  readonly kind: 'scalar';
  readonly line: number;
  readonly value: string | number | boolean | null;
  /** As it was typed: `1.10` stays what it is. */
  readonly source: string;
};
/** The line is the key's. */
export type Entry = { readonly line: number; readonly value: Tree };

/** One thing wrong in slipway.yml: where it stands, and what would be right. Never a secret's value. */
export type FileFault = {
  /** `deployments[2].settings.divio_application`; empty: the file as a whole. */
  readonly path: string;
  readonly line: number;
  readonly message: string;
};
export type Report = (path: string, line: number, message: string) => void;

/** What JSON would make of it, but for numbers that stand alone in a list: those stay as they were typed. */
export function plainOf(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') {
    return tree.items.map((item) =>
      item.kind === 'scalar' && item.value !== null ? textOf(item) : plainOf(item),
    );
  }
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plainOf(value)]));
}

/** A scalar as its author typed it, without quotes. */
export const textOf = ({ value, source }: ScalarTree): string =>
  typeof value === 'string' ? value : source;

export const isEmpty = (tree: Tree): boolean =>
  tree.kind === 'scalar' && (tree.value === null || String(tree.value).trim() === '');
