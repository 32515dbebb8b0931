import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { durationText } from '../../src/duration.ts';
import {
  bool,
  credential,
  duration,
  lasting,
  list,
  listOf,
  map,
  matching,
  object,
  oneOf,
  prose,
  type Rule,
  script,
  secretUrl,
  text,
  url,
  verbatim,
  whole,
} from '../../src/settings/rules.ts';

const ajv = new Ajv({ strict: true, allowUnionTypes: true, coerceTypes: false });
const size = oneOf('small', 'large');
const sizes = listOf('small', 'large');
const digits = matching(/^\d{1,3}$/, 'text', 'must be three digits');
const port = whole(1, 65_535);

type Row = readonly [
  name: string,
  rule: Rule<unknown>,
  raw: string,
  json: unknown,
  value: unknown, // undefined: both halves refuse it
];

const rows: readonly Row[] = [
  ['text', text, 'production', 'production', 'production'],
  ['a token', credential, 'ghp_x+/=', 'ghp_x+/=', 'ghp_x+/='],
  ['a token of two words', credential, 'Bearer x', 'Bearer x', undefined],
  ['a token beyond ASCII', credential, 'tökén', 'tökén', undefined],
  ['text', text, ' a b\n', 'a b', 'a b'],
  ['text', text, '1.10', '1.10', '1.10'],
  ['text', text, 'é 🚀', 'é 🚀', 'é 🚀'],
  ['text', text, '  ', '  ', undefined],
  ['text', text, 'a\nb', 'a\nb', undefined],
  ['text', text, 'a\rb', 'a\rb', undefined],
  ['text', text, 'a\u0000b', 'a\u0000b', undefined],
  ['text', text, 'a\u001b[31mb', 'a\u001b[31mb', undefined],
  ['prose', prose, 'one\ntwo\n', 'one\ntwo', 'one\ntwo'],
  ['prose', prose, ' \n', ' \n', undefined],
  ['verbatim', verbatim, '  {\n}\n', '  {\n}', '  {\n}'],
  ['verbatim', verbatim, '\n', '\n', undefined],
  ['script', script, 'make\nmake deploy\n', 'make\nmake deploy\n', 'make\nmake deploy\n'],
  ['script', script, '["make","make deploy"]', ['make', 'make deploy'], 'make\nmake deploy'],
  ['script', script, '[ -f x ] && make', '[ -f x ] && make', '[ -f x ] && make'],
  ['script', script, '["", " "]', ['', ' '], undefined],
  ['script', script, ' ', ' ', undefined],
  ['bool', bool, 'true', true, true],
  ['bool', bool, 'Off', false, false],
  ['bool', bool, 'constructor', 'constructor', undefined],
  ['bool', bool, '2', 2, undefined],
  ['whole', port, '8080', 8080, 8080],
  ['whole', port, '1e+03', 1000, 1000],
  ['whole', port, '65535', 65_535, 65_535],
  ['whole', port, '65536', 65_536, undefined],
  ['whole', port, '0', 0, undefined],
  ['whole', port, '1.5', 1.5, undefined],
  ['whole', port, '0x1F', '0x1F', undefined],
  ['whole', port, '', '', undefined],
  ['duration', duration, '90', '90', 90_000],
  ['duration', duration, '90s', '90s', 90_000],
  ['duration', duration, '15M', '15M', 900_000],
  ['duration', duration, '1h30m', '1h30m', 5_400_000],
  ['duration', duration, '199h9999m99999s', '199h9999m99999s', 1_416_339_000],
  ['duration', duration, '0', '0', 0],
  ['duration', duration, '200h', '200h', undefined],
  ['duration', duration, '1000000', '1000000', undefined],
  ['duration', duration, '-5s', '-5s', undefined],
  ['duration', duration, 'm', 'm', undefined],
  ['duration', duration, '5 m', '5 m', undefined],
  ['duration', duration, '30m1h', '30m1h', undefined],
  ['lasting', lasting, '1s', '1s', 1000],
  ['lasting', lasting, '0', '0', undefined],
  ['lasting', lasting, '0h0m', '0h0m', undefined],
  ['oneOf', size, 'small', 'small', 'small'],
  ['oneOf', size, 'medium', 'medium', undefined],
  ['oneOf', size, 'constructor', 'constructor', undefined],
  ['list', list, 'a,b', ['a', 'b'], ['a', 'b']],
  ['list', list, ',', ['', ''], []],
  ['list', list, 'a\\,b,c', ['a,b', 'c'], ['a,b', 'c']],
  ['list', list, 'a\nb\n', ['a', 'b'], ['a', 'b']],
  ['list', list, '["a,b","c"]', ['a,b', 'c'], ['a,b', 'c']],
  ['list', list, '["a",{"b":1}]', ['a', { b: 1 }], undefined],
  ['list', list, '[1', 1, undefined],
  ['listOf', sizes, 'small,large', ['small', 'large'], ['small', 'large']],
  ['listOf', sizes, 'small,constructor', ['small', 'constructor'], undefined],
  [
    'map',
    map,
    '{"a":"x","b":1,"c":true,"d":null}',
    { a: 'x', b: 1, c: true, d: null },
    { a: 'x', b: '1', c: 'true' },
  ],
  ['map', map, 'A=x=y,B=2', { A: 'x=y', B: '2' }, { A: 'x=y', B: '2' }],
  [
    'map',
    map,
    'Accept=text/html, */*\nB=2',
    { Accept: 'text/html, */*', B: '2' },
    { Accept: 'text/html, */*', B: '2' },
  ],
  ['map', map, '{}', {}, {}],
  ['map', map, '{"a":{"b":1}}', { a: { b: 1 } }, undefined],
  ['map', map, 'a,b', ['a', 'b'], undefined],
  ['object', object, '{"a":{"b":[1]}}', { a: { b: [1] } }, { a: { b: [1] } }],
  ['object', object, '[1]', [1], undefined],
  ['object', object, 'null', null, undefined],
  [
    'url',
    url,
    'https://api.example.com:8443/v3?x=1#y',
    'https://api.example.com:8443/v3?x=1#y',
    'https://api.example.com:8443/v3?x=1#y',
  ],
  ['url', url, 'http://[::1]:80/', 'http://[::1]:80/', 'http://[::1]:80/'],
  ['url', url, 'https://me:pass@example.com', 'https://me:pass@example.com', undefined],
  [
    'url',
    url,
    'https://good.example\\@evil.example',
    'https://good.example\\@evil.example',
    undefined,
  ],
  ['url', url, 'ftp://example.com', 'ftp://example.com', undefined],
  ['url', url, 'example.com', 'example.com', undefined],
  ['url', url, 'https://', 'https://', undefined],
  [
    'secretUrl',
    secretUrl,
    'https://me:pass@example.com/x',
    'https://me:pass@example.com/x',
    'https://me:pass@example.com/x',
  ],
  ['secretUrl', secretUrl, 'javascript:alert(1)', 'javascript:alert(1)', undefined],
  ['matching', digits, '042', '042', '042'],
  ['matching', digits, '1234', '1234', undefined],
];

/** What a JSON value is when it comes as text, as from a request body. */
const asText = (json: unknown): string => (typeof json === 'string' ? json : JSON.stringify(json));

const agreeing = suite('rules: text and JSON');
for (const [name, rule, raw, json, value] of rows) {
  agreeing(`${name} ${value === undefined ? 'refuses' : 'takes'} ${JSON.stringify(raw)}`, () => {
    assert.equal(rule.read(raw), value);
    assert.is(ajv.validate(rule.json, json), value !== undefined, ajv.errorsText());
    if (value !== undefined) assert.equal(rule.read(asText(json)), value, 'JSON as text');
  });
}
agreeing('never differ on what the schema refuses, over all rows', () => {
  for (const [name, rule] of rows) {
    for (const [, , raw, json] of rows) {
      if (typeof json !== 'string' || json !== json.trim() || ajv.validate(rule.json, json))
        continue;
      const structured = ['list', 'map', 'bool', 'int'].includes(rule.kind);
      if (!structured && !rule.kind.includes('|')) {
        assert.is(rule.read(json), undefined, `${name}.read takes ${raw}, its schema does not`);
      }
    }
  }
});
agreeing.run();

const reading = suite('rules: encodings');
for (const word of ['true', 'True', '1', 'yes', 'on', 'Y']) {
  reading(`bool takes ${word} for true`, () => assert.is(bool.read(word), true));
}
for (const word of ['false', 'FALSE', '0', 'no', 'off', 'n']) {
  reading(`bool takes ${word} for false`, () => assert.is(bool.read(word), false));
}
reading('a duration takes what YAML makes of a number', () => {
  assert.is(duration.read('3600.0'), 3_600_000);
  assert.is(duration.read('1e+05'), 100_000_000);
  assert.is(duration.read('1e+06'), undefined);
});
reading(
  'a list refuses commas among lines, which is how Drone joins an item with a line break',
  () => {
    assert.is(list.read('l1\nl2,b'), undefined);
    assert.equal(list.read('l1\nl2\\,b'), ['l1', 'l2,b']);
  },
);
reading('a map refuses a key that only a wrong split can make', () => {
  assert.is(map.read('A=1\n2,B=3'), undefined);
});
reading('a map keeps __proto__ a key like any other', () => {
  const value = map.read('{"__proto__":"x"}');
  assert.equal(Object.keys(value ?? {}), ['__proto__']);
  assert.is(Object.getPrototypeOf(value), Object.prototype);
});
reading('text refuses a million blanks in no time', () => {
  const started = performance.now();
  assert.is(text.read(`${' '.repeat(500_000)}\u0000`), undefined);
  assert.is(ajv.validate(text.json, ' '.repeat(1_000_000)), false);
  assert.ok(performance.now() - started < 1000);
});
for (const [ms, shown] of [
  [3_000_000, '50m'],
  [5_400_000, '1h30m'],
  [60_000, '1m'],
  [3000, '3s'],
  [0, '0s'],
] as const) {
  reading(`a duration of ${ms} ms is shown as ${shown}, and read back`, () => {
    assert.is(durationText(ms), shown);
    assert.is(duration.read(shown), ms);
  });
}
reading.run();
