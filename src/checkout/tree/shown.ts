import { quoted } from '../../errors.ts';

/** A name from the tree, for people: no byte of it reaches a terminal as it is. */
export const shownName = (name: string): string => quoted(name);

const mostShown = 5;

/** `"a", "b" and 7 more` */
export function shownNames(names: readonly string[], count: number): string {
  const some = names.slice(0, mostShown).map(shownName);
  const more = count - some.length;
  return more > 0 ? `${some.join(', ')} and ${more} more` : some.join(', ');
}

export type Tally = { readonly names: readonly string[]; readonly count: number };

/** Counts all and remembers a few, so that a tree of any size takes no more memory. */
export function createTally(): Tally & { add(name: string): void } {
  const names: string[] = [];
  let count = 0;
  return {
    names,
    get count() {
      return count;
    },
    add(name) {
      count += 1;
      if (names.length < mostShown) names.push(name);
    },
  };
}
