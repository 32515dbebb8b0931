import type { Random } from '../../support/random.ts';

/** Numbers, keys and texts that JSON can say and a program may choke on; as they stand in a body. */
const odd: readonly ((random: Random) => string)[] = [
  () => 'null',
  () => 'true',
  () => '1e400',
  () => '-0',
  () => '1e308',
  () => '99999999999999999999999999',
  () => '9007199254740993',
  () => '-0.5',
  (random) => String(random.int(2 ** 31)),
  () => '""',
  () => '" "',
  () => '"${execution.id}"',
  () => '"${"',
  () => '"\\u0000\\ud800"',
  () => '"\\u001b[31m\\r\\nError: x\\n    at y"',
  () => '"../../etc/passwd"',
  () => '"javascript:alert(1)"',
  () => '"http://169.254.169.254/latest/"',
  () => `"${'a'.repeat(40)}"`,
  () => '"production"',
  (random) => `"${'x'.repeat(random.int(3000))}"`,
  (random) => `"${'é😀'.repeat(random.int(300))}"`,
  (random) => `${'['.repeat(120)}${random.int(9)}${']'.repeat(120)}`,
  (random) => `[${oddJson(random)},${oddJson(random)}]`,
  (random) => `{${JSON.stringify(random.pick(oddKeys))}:${oddJson(random)}}`,
  (random) => `{"a":${oddJson(random)},"a":${oddJson(random)}}`,
];
export const oddJson = (random: Random): string => random.pick(odd)(random);

export const oddKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  '0',
  '${x}',
];

/** A body as JSON, with a few of its values, or of values within it, replaced; and fields that it does not have. */
export function changedJson(
  base: object,
  names: readonly string[],
  random: Random,
  changes = random.int(4),
): string {
  const parts = new Map(Object.entries(base).map(([name, value]) => [name, JSON.stringify(value)]));
  for (let change = 0; change < changes; change += 1) {
    const name = random.pick([...parts.keys(), ...names, ...oddKeys]);
    const value = (base as Record<string, unknown>)[name];
    const isWithin = typeof value === 'object' && value !== null && random.int(2) === 0;
    parts.set(name, isWithin ? changedJson(value, [], random, 1) : oddJson(random));
  }
  return `{${[...parts].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** Bytes that were JSON before something happened to them on their way. */
export function mangled(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text);
  return random.pick<() => Buffer>([
    () => bytes.subarray(0, random.int(bytes.length + 1)),
    () => random.bytes(random.int(300)),
    () => Buffer.from('['.repeat(random.int(60_000))),
    () => Buffer.from('{"a":'.repeat(random.int(9000))),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.concat([Buffer.from('\uFEFF'), bytes]),
    () => Buffer.concat([bytes, random.bytes(3)]),
    () => Buffer.concat([bytes, bytes]),
    () => Buffer.from(text.replaceAll('"', "'")),
    () => Buffer.alloc(random.int(90_000), '{'),
    () => Buffer.alloc(random.int(3000)),
  ])();
}
