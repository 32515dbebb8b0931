/** Seconds since the epoch as ms. */
export function msOfSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{8,10}$/.test(text) ? Number(text) * 1000 : undefined;
}

/** ISO 8601 with its zone as ms since the epoch. */
export function msOfIso(text: string | undefined): number | undefined {
  const hasZone = text !== undefined && /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text);
  const ms = hasZone ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
