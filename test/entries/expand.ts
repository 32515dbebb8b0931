import { readFileSync } from 'node:fs';
import path from 'node:path';

export const readEntry = (file: string): string =>
  readFileSync(path.join(import.meta.dirname, '../../entries', file), 'utf8');

/**
 * How to use an entry, in its own words, with the image that the tests know: the first block of a README, or what is
 * indented in the comment at the head of a file.
 */
export const usageIn = (file: string): string => {
  const text = readEntry(file);
  const [, block] = /^```\w+\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const [head = ''] = /^(?:(?:#|\/\/).*\n)+/.exec(text) ?? [];
  const lines = [...head.matchAll(/^(?:#|\/\/) {3}(.*)\n/gm)].map(([, line]) => line);
  return (block ?? lines.join('\n')).replace('REGISTRY/slipway:VERSION', 'slipway');
};

/** One CI system's way to write "the value of this parameter": its whole mark, and what none may be left of. */
export type Mark = { readonly whole: RegExp; readonly left: string };

export const marks = {
  azure: { whole: /\$\{\{ parameters\.(\w+) \}\}/g, left: '${{' },
  circleci: { whole: /<< parameters\.(\w+) >>/g, left: '<<' },
} satisfies Record<string, Mark>;

/**
 * Fills in the marks of a parsed file, in keys too. A text that is nothing but a mark becomes the value as it is. The
 * rest of an expression language is refused.
 */
export function expand(
  node: unknown,
  mark: Mark,
  values: Readonly<Record<string, unknown>>,
): unknown {
  if (Array.isArray(node)) return node.map((item) => expand(item, mark, values));
  if (typeof node === 'object' && node !== null) {
    const pairs = Object.entries(node).map(([key, value]) => [
      expand(key, mark, values),
      expand(value, mark, values),
    ]);
    return Object.fromEntries(pairs);
  }
  if (typeof node !== 'string') return node;
  const valueNamed = (name: string): unknown => {
    if (!Object.hasOwn(values, name)) throw new Error(`${name} is no parameter`);
    return values[name];
  };
  const [only] = node.matchAll(mark.whole);
  if (only?.[0] === node) return valueNamed(only[1] ?? '');
  const filled = node.replace(mark.whole, (_, name) => String(valueNamed(name)));
  // What a value brings along is no mark.
  if (node.replace(mark.whole, '').includes(mark.left)) throw new Error(`not understood: ${node}`);
  return filled;
}

export type Parameter = { readonly type?: string; readonly default?: unknown };

/** Values of all parameters: those that are written, judged as the host judges them, and the defaults. */
export function valuesOf(
  declared: Readonly<Record<string, Parameter>>,
  written: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const [name, value] of Object.entries(written)) {
    const { type = 'string' } = declared[name] ?? { type: 'unknown' };
    const is = Array.isArray(value) ? 'array' : typeof value;
    if (is !== type) throw new Error(`${name} is ${type}, not ${is}`);
  }
  for (const [name, { default: preset }] of Object.entries(declared)) {
    if (preset === undefined && !Object.hasOwn(written, name))
      throw new Error(`${name} is missing`);
  }
  const presets = Object.entries(declared).map(([name, { default: preset }]) => [name, preset]);
  return { ...Object.fromEntries(presets), ...written };
}
