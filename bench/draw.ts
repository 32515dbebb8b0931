const usualMs = 30_000;

/** The same numbers in each bench. */
export function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
/** Around half a minute: a tenth more or less as a rule, and never more than three tenths. */
export const durationOf = (draw: () => number): number =>
  usualMs * (1 + (draw() + draw() + draw() - 1.5) * 0.2);
