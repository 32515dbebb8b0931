import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Table } from '../../src/settings/define.ts';
import { load } from '../../src/settings/load.ts';
import {
  bool,
  duration,
  list,
  map,
  object,
  oneOf,
  prose,
  script,
  text,
  whole,
} from '../../src/settings/rules.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import {
  encodeDrone,
  encodeHarness,
  encodeWoodpecker,
  type Variables,
} from '../support/encoders.ts';

const table = {
  text: { is: text, about: 'Text.' },
  prose: { is: prose, about: 'Prose.' },
  script: { is: script, about: 'Script.' },
  bool: { is: bool, about: 'Bool.' },
  number: { is: whole(0, 10_000_000), about: 'Number.' },
  duration: { is: duration, about: 'Duration.' },
  choice: { is: oneOf('info', 'debug'), about: 'Choice.' },
  list: { is: list, about: 'List.' },
  map: { is: map, about: 'Map.' },
  object: { is: object, about: 'Object.' },
  token: { is: text, about: 'Token.', secret: true },
  headers: { is: map, about: 'Headers.', secret: true },
} as const satisfies Table;

type Result = { readonly value?: unknown; readonly fault?: RegExp; readonly warning?: RegExp };
const is = (value: unknown): Result => ({ value });
const unset = is(undefined);
const fails = (fault: RegExp): Result => ({ fault });
const warns = (value: unknown, warning: RegExp): Result => ({ value, warning });
const quoted = /quotes/;

type Row = readonly [yaml: string, drone: Result, woodpecker?: Result, harness?: Result];
const rows: readonly Row[] = [
  ['bool: true', is(true)],
  ['bool: yes', is(true)],
  ['bool: off', is(false)],
  ['bool: y', is(true)],
  ['number: 3', is(3)],
  ['number: 1000000.0', is(1_000_000)],
  ['number: 0x1F', is(31), is(31), fails(/whole number .* got "0x1F"/)],
  ['number: 1_000', is(1000), is(1000), fails(/whole number .* got "1_000"/)],
  ['duration: 90', is(90_000)],
  ['duration: 15m', is(900_000)],
  ['duration: 3600.0', is(3_600_000)],
  ['text: 1.10', warns('1.1', quoted)],
  ['text: 1.0', warns('1', quoted), warns('1', quoted), warns('1.0', quoted)],
  ['text: 1000000.0', fails(quoted), fails(quoted), warns('1000000.0', quoted)],
  ['text: 12345678.0', fails(quoted), fails(quoted), fails(quoted)],
  ['text: 0755', warns('493', quoted), warns('493', quoted), is('0755')],
  ['text: 12e4', is('12e4'), warns('120000', quoted), is('12e4')],
  ['text: 12:30:00', is('12:30:00')],
  ['text: 2024-01-02', is('2024-01-02'), fails(quoted), is('2024-01-02')],
  ['prose: 2024-01-02', is('2024-01-02'), fails(quoted), is('2024-01-02')],
  ['text: 12345678901234567890', warns('12345678901234567890', quoted)],
  ['text: "1.10"', is('1.10')],
  ['text: !!str 2024-01-02', is('2024-01-02')],
  ['text: ""', unset],
  ['text: ~', unset],
  ['text:', unset],
  ['text: " "', unset],
  ['text: "@here"', is('@here')],
  ['text: |\n  production\n', is('production')],
  ['text: |\n  line1\n  line2\n', fails(/one line of text, got "line1\\nline2/)],
  ['prose: |\n  line1\n  line2\n', is('line1\nline2')],
  ['script: |\n  make\n  make deploy\n', is('make\nmake deploy\n')],
  ['choice: DEBUG', is('debug')],
  ['choice: 3', fails(/one of info, debug, got "3"/)],
  ['list: [a, b]', is(['a', 'b'])],
  ['list: [a, ~, b]', is(['a', 'b'])],
  ['list: []', unset],
  ['list: ["", ""]', is([])],
  ['list: [a, 1, true, 1.10]', is(['a', '1', 'true', '1.1'])],
  ['list: ["l1\\nl2", b]', fails(/list: a,b or one item a line .*JSON array/)],
  ['list: \'["a,b", "c"]\'', is(['a,b', 'c'])],
  ['list: ["a\\\\,b", c]', is(['a,b', 'c'])],
  ['list: |\n  test (20, x)\n  b\n', fails(/one item a line/)],
  ['list: [{a: 1, b: x}]', fails(/must be a list/)],
  ['list: [[1,2],[3]]', fails(/must be a list/)],
  ['list: [a, {b: 1}]', fails(/must be a list/)],
  ['map: [A=1, B=x=y]', is({ A: '1', B: 'x=y' })],
  ['map: {a: x, e: 1.10, f: ~}', is({ a: 'x', e: '1.1' })],
  ['map: {a: x, d: [1,2]}', fails(/must be a map/)],
  ['object: {a: x, d: [1,2], f: ~}', is({ a: 'x', d: [1, 2], f: null })],
  ['object: {}', is({})],
  ['object: {yes: 1, n: 2}', fails(quoted), is({ yes: 1, n: 2 }), is({ yes: 1, n: 2 })],
  ['map: {y: z}', fails(quoted), is({ y: 'z' }), is({ y: 'z' })],
  ['map: {"yes": 1}', is({ yes: '1' })],
  ['map: {k: "é<&>"}', is({ k: 'é<&>' })],
];

const reading = { emptyMeansMissing: true, readFile: () => '' };
function check(yaml: string, env: Variables, expected: Result): void {
  const key = /^\w+/.exec(yaml)?.[0] ?? '';
  const loaded = load(table, [fromEnv(env, 'PLUGIN_')], reading);
  const faults = loaded.faults.map(({ name, message }) => `${name} ${message}`).join('\n');
  if (expected.fault) {
    assert.match(faults, new RegExp(`^PLUGIN_${key.toUpperCase()} `));
    assert.match(faults, expected.fault);
    return;
  }
  assert.is(faults, '');
  assert.equal(loaded.values[key], expected.value);
  if (expected.warning) assert.match(loaded.warnings.join('\n'), expected.warning);
  else assert.equal(loaded.warnings, []);
}

const encoding = suite('settings from YAML');
for (const [yaml, drone, woodpecker = drone, harness = drone] of rows) {
  const shown = JSON.stringify(yaml);
  encoding(`Drone: ${shown}`, () => check(yaml, encodeDrone(yaml), drone));
  encoding(`Woodpecker: ${shown}`, () => check(yaml, encodeWoodpecker(yaml), woodpecker));
  encoding(`Harness: ${shown}`, () => check(yaml, encodeHarness(yaml), harness));
}

encoding('Drone and Harness: a key that is not a text becomes one', () => {
  check('map: {1: a}', encodeDrone('map: {1: a}'), is({ 1: 'a' }));
  check('map: {1: a}', encodeHarness('map: {1: a}'), is({ 1: 'a' }));
  assert.throws(() => encodeWoodpecker('map: {1: a}'), /could not handle/);
});
encoding('an item with a comma is two, and JSON or \\, keeps it whole', () => {
  check('list: ["a,b", c]', encodeDrone('list: ["a,b", c]'), is(['a', 'b', 'c']));
});
encoding('every spelling of a key is one setting', () => {
  for (const encode of [encodeDrone, encodeWoodpecker, encodeHarness]) {
    for (const key of ['log_level', 'log-level', 'log.level', 'Log_Level']) {
      const source = fromEnv(encode(`${key}: debug`), 'PLUGIN_');
      assert.is(source.get('log_level')?.raw, 'debug', key);
    }
  }
});

const secrets = { tok: 's3cr3t' };
const secret = suite('secrets from YAML');
secret('reads a whole setting that is a secret', () => {
  const yaml = 'token: {from_secret: tok}';
  check(yaml, encodeDrone(yaml, secrets), is('s3cr3t'));
  check(yaml, encodeWoodpecker(yaml, secrets), is('s3cr3t'));
});
secret('names a secret that Drone did not find', () => {
  const yaml = 'token: {from_secret: nope}';
  check(yaml, encodeDrone(yaml, secrets), fails(/not found, or is not exposed to this event/));
});
secret('names a secret that Drone does not look for inside a list or map', () => {
  for (const yaml of [
    'list: [a, {from_secret: tok}]',
    'object: {user: u, pass: {from_secret: tok}}',
    'headers: {Authorization: {from_secret: tok}}',
  ]) {
    check(
      yaml,
      encodeDrone(yaml, secrets),
      fails(/from_secret: Drone resolves it only as the whole/),
    );
  }
});
secret('reads what Woodpecker finds inside a list or map', () => {
  const inList = 'list: [a, {from_secret: tok}]';
  check(inList, encodeWoodpecker(inList, secrets), is(['a', 's3cr3t']));
  const inMap = 'headers: {Authorization: {from_secret: tok}}';
  check(inMap, encodeWoodpecker(inMap, secrets), is({ Authorization: 's3cr3t' }));
});

encoding.run();
secret.run();
