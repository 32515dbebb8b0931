import { isObject, jsonOf, type Rule } from './rules.ts';

// What YAML libraries make of 1000000.0 (in Go, in Java) and of 2024-01-02.
const remade = [/^-?\d+(?:\.\d+)?e[+-]\d+$/, /^-?\d+\.\d+E-?\d+$/, /^"\d{4}-\d\d-\d\dT[^"]*"$/];
// No library writes 1.10 or 0755 for a number: those have come through as they are.
const rewritten = /^-?(?:0|[1-9]\d*)(?:\.(?:\d*[1-9]|0))?$/;
const bare = /^-?\d+(?:\.\d+)?$/;

const quote = 'put it in quotes';

/** The value as it was before YAML read it is lost: the author must quote it. */
export function mangled(rule: Rule<unknown>, raw: string): string | undefined {
  if (numeric.has(rule.kind)) return undefined;
  if (remade.some((form) => form.test(raw.trim()))) {
    return `is what YAML makes of an unquoted number or date: ${quote}`;
  }
  const value = rule.kind === 'map' ? jsonOf(raw) : undefined;
  if (isObject(value) && ['true', 'false'].some((key) => Object.hasOwn(value, key))) {
    return `has a key true or false, which YAML makes of an unquoted y, n, yes, no, on or off: ${quote}`;
  }
  return undefined;
}

/** A number where any text will do: nobody can see whether it is the one that the author wrote. */
export function doubtful(rule: Rule<unknown>, raw: string): string | undefined {
  return rule.loose && rewritten.test(raw.trim())
    ? `is the number ${raw.trim()}; YAML changes unquoted ones (1.10 to 1.1, 0755 to 493, 12e4 to 120000): ${quote} if it was one`
    : undefined;
}

/** Completes the message on a refused value: quotes may be all that is missing. */
export const cureOf = (rule: Rule<unknown>, raw: string): string =>
  bare.test(raw.trim()) && !numeric.has(rule.kind)
    ? '; YAML changes unquoted numbers, so put it in quotes'
    : '';

const numeric = new Set(['int', 'duration', 'bool']);
