const deepest = 100;
/** Nested beyond what can be written as JSON again, or read by whoever gets it. */
export const isDeep = (value: unknown, depth = 0): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === deepest || Object.values(value).some((item) => isDeep(item, depth + 1)));
