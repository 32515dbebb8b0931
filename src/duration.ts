const units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** 3000000 → `50m`; below a second `0s`. */
export function durationText(ms: number): string {
  let left = ms;
  const parts: string[] = [];
  for (const [name, size] of units) {
    if (left >= size) parts.push(`${Math.floor(left / size)}${name}`);
    left %= size;
  }
  return parts.join('') || '0s';
}
