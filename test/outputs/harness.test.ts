import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderHarnessEnv, renderHarnessOutputs } from '../../src/outputs/harness.ts';
import type { RunOutputs } from '../../src/outputs/run-outputs.ts';
import { hostile, sampleOutputs } from './sample.ts';

type Parse = (text: string) => Map<string, string>;

const expanded = (value: string): string => value.replace(/\$(?:\{\w*\}|\w+|\$)/g, '');
const unquoted = (value: string): string => {
  const double = /^"(.*)"$/s.exec(value)?.[1];
  if (double !== undefined) return expanded(double.replaceAll('\\n', '\n').replaceAll('\\"', '"'));
  return /^'(.*)'$/s.exec(value)?.[1] ?? expanded(value);
};
const keyed = (line: string): [string, string] => {
  const at = line.indexOf('=');
  if (at < 0) throw new Error(`no = in ${line}: whole file rejected`);
  const key = line
    .slice(0, at)
    .trim()
    .replace(/^export\s*/, '');
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) throw new Error(`bad key ${key}: whole file rejected`);
  return [key, line.slice(at + 1)];
};

/** godotenv v2 as Harness measured it: line by line, 64 KiB a line, `#` cuts anywhere outside quotes. */
const parseV2: Parse = (text) => {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (Buffer.byteLength(line) + 1 >= 64 * 1024) throw new Error('token too long');
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const [key, raw] = keyed(line.replace(/\r$/, ''));
    const quoted = /^\s*(["']).*\1\s*(?:#.*)?$/.test(raw);
    if (!quoted && /^\s*["']/.test(raw)) throw new Error('unterminated quote: whole file rejected');
    values.set(key, unquoted((quoted ? raw : (raw.split('#')[0] ?? '')).trim()));
  }
  return values;
};

/** godotenv v4: `#` only after a space, quoted values over several lines, escaped quotes mishandled. */
const parseV4: Parse = (text) => {
  const values = new Map<string, string>();
  let rest = text;
  while (rest.trim() !== '') {
    const start = rest.replace(/^\s+/, '');
    const quote = /^[^=\n]*=\s*(["'])/.exec(start)?.[1];
    const end = quote ? start.indexOf(quote, start.indexOf(quote) + 1) + 1 : start.indexOf('\n');
    if (quote && end === 0) throw new Error('unterminated quote: whole file rejected');
    const line = start.slice(0, end < 0 ? undefined : end);
    rest = end < 0 ? '' : start.slice(end);
    const [key, raw] = keyed(line);
    values.set(key, unquoted((quote ? raw : raw.replace(/\s#.*$/, '')).trim()));
  }
  return values;
};

const parseOut: Parse = (text) => {
  const values = new Map<string, string>();
  for (const line of text.split('\n').filter((item) => item !== '')) {
    const [, key, value] = /^(\w+) (\S.*)$/.exec(line) ?? [];
    if (!key || value === undefined) throw new Error(`not KEY value: ${line}`);
    values.set(key, value);
  }
  return values;
};

const decoded = (values: Map<string, string>): Record<string, string> =>
  Object.fromEntries(
    [...values].map(([key, value]) => [
      key,
      value.startsWith('__B64__') ? Buffer.from(value.slice(7), 'base64').toString() : value,
    ]),
  );

const upper = (outputs: RunOutputs): Record<string, string> =>
  Object.fromEntries([...outputs].map(([name, value]) => [name.toUpperCase(), value]));
const hostileOutputs: RunOutputs = new Map(Object.entries(hostile));

const outputs = suite('harness outputs');

for (const [version, parse] of Object.entries({ v2: parseV2, v4: parseV4 })) {
  outputs(`come back unchanged from godotenv ${version}`, () => {
    const { text, lost } = renderHarnessOutputs(hostileOutputs, '/s/step-output.env');
    assert.equal(decoded(parse(text)), upper(hostileOutputs));
    assert.equal(lost, []);
  });

  outputs(`keep a line of godotenv ${version} below 64 KiB`, () => {
    for (const value of ['x'.repeat(70_000), 'é\n'.repeat(30_000)]) {
      const { text, lost } = renderHarnessOutputs(
        new Map([
          ['big', value],
          ['after', 'here'],
        ]),
        'a.env',
      );
      const values = decoded(parse(text));
      assert.ok(value.startsWith(values.BIG ?? '?'));
      assert.ok((values.BIG ?? '').length > 24_000);
      assert.is(values.AFTER, 'here');
      assert.is(lost.length, 1);
      assert.match(lost[0] ?? '', /^BIG was cut from (?:70000|90000) to \d+ bytes/);
    }
  });
}

outputs('are readable where both parsers agree', () => {
  const { text } = renderHarnessOutputs(sampleOutputs, '/s/step-output.env');
  assert.match(text, '\nENVIRONMENT=production\n');
  assert.match(text, '\nLOG_URL=https://drone.example.com/octo/hello/118/1/2\n');
  assert.match(text, '\nENVIRONMENT_URL=__B64__');
  assert.match(text, '\nRELEASE=v118\n');
});

outputs('are single lines of name and value in a .out file', () => {
  const { text } = renderHarnessOutputs(hostileOutputs, '/s/step-output.out');
  const values = Object.fromEntries(parseOut(text));
  assert.is(values.NEWLINE, 'one two three');
  assert.is(values.DOLLAR, hostile.dollar);
  assert.is(values.ESCAPE, ']1338;e30= ]0m  [31mred');
  assert.is(values.EMPTY, undefined);
  const big = renderHarnessOutputs(new Map([['big', 'x'.repeat(70_000)]]), 'a.out');
  assert.ok(big.text.length < 65_536);
  assert.is(big.lost.length, 1);
});

outputs('export only the standard names, under a prefix of their own', () => {
  const own = new Map([...sampleOutputs, ['path', '/evil'], ['outcome', 'failure']]);
  const values = decoded(parseV2(renderHarnessEnv(own, '/s/step-export.env').text));
  assert.equal(Object.keys(values), [
    'DEPLOYED_OUTCOME',
    'DEPLOYED_DEPLOYMENT_ID',
    'DEPLOYED_DEPLOYMENT_STATE',
    'DEPLOYED_ENVIRONMENT',
    'DEPLOYED_ENVIRONMENT_URL',
    'DEPLOYED_LOG_URL',
    'DEPLOYED_COMMIT',
    'DEPLOYED_RUN_KEY',
    'DEPLOYED_DESCRIPTION',
  ]);
  assert.is(values.DEPLOYED_OUTCOME, 'failure');
  assert.is(values.DEPLOYED_ENVIRONMENT_URL, sampleOutputs.get('environment_url'));
});

// The parsers above must be as strict as the real ones, or the tests prove nothing.
outputs('are read by parsers with the faults that were measured', () => {
  assert.is(parseV2('A=x#y\n').get('A'), 'x');
  assert.is(parseV4('A=x#y\n').get('A'), 'x#y');
  for (const parse of [parseV2, parseV4]) {
    assert.is(parse('A=$HOME\n').get('A'), '');
    assert.is(parse('A="$HOME"\n').get('A'), '');
    assert.is(parse("A='$HOME'\n").get('A'), '$HOME');
    assert.is(parse('A="l1\\nl2"\n').get('A'), 'l1\nl2');
    assert.throws(() => parse('A=b\nnonsense\n'), /whole file rejected/);
  }
  assert.throws(() => parseV2('A="l1\nl2"\n'), /whole file rejected/);
  assert.is(parseV4('A="l1\nl2"\n').get('A'), 'l1\nl2');
  assert.throws(() => parseV2(`A=${'x'.repeat(70_000)}\n`), /token too long/);
});

outputs.run();
