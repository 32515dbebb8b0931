/** Edits between two words (Damerau–Levenshtein, adjacent swaps count once). */
export function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + same,
          swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}

const shortestPrefix = 5;

/** The nearest name, if a slip of the fingers could have made the one from the other, or somebody cut it short. */
export function nearestOf(name: string, names: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined;
  const all = [...names];
  const ranked = all.map((known) => ({ known, steps: distance(name, known) }));
  const best = ranked.sort((a, b) => a.steps - b.steps)[0];
  if (best && best.steps <= 1) return best.known;
  const longer = all.filter((known) => known.startsWith(name));
  if (name.length >= shortestPrefix && longer.length === 1) return longer[0];
  return best && best.steps <= Math.floor(name.length / 3) ? best.known : undefined;
}
