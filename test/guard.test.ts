import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = path.join(import.meta.dirname, '..');
const head = "import { suite } from 'uvu';\nimport * as assert from 'uvu/assert';\n";
const sound = `${head}const one = suite('one');\none('adds', () => assert.is(1 + 1, 2));\none.run();\n`;

/** Runs the guard over a folder of its own, which holds these files. */
function guard(files: Record<string, string>, ...args: string[]) {
  const dir = mkdtempSync(path.join(tmpdir(), 'guard-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), source);
  }
  const run = spawnSync(process.execPath, [path.join(root, 'test/run.ts'), '--dir', dir, ...args], {
    encoding: 'utf8',
  });
  rmSync(dir, { recursive: true });
  return { status: run.status, last: run.stdout.trimEnd().split('\n').at(-1), said: run.stderr };
}

const guarding = suite('test/run.ts');

guarding('counts what passed', () => {
  const { status, last } = guard({ 'a.test.ts': sound, 'deep/b.test.ts': sound });
  assert.equal({ status, last }, { status: 0, last: '2 passed, 0 failed' });
});

guarding('runs only the files that the pattern names', () => {
  const files = { 'a.test.ts': sound, 'deep/b.test.ts': sound.replace('2)', '3)') };
  assert.is(guard(files, '^a').last, '1 passed, 0 failed');
  assert.is(guard(files, 'deep').last, '0 passed, 1 failed');
});

guarding(
  'runs the files that any of several patterns names, and misses each that names none',
  () => {
    const files = { 'a.test.ts': sound, 'deep/b.test.ts': sound, 'c.test.ts': sound };
    assert.is(guard(files, '^a', 'deep').last, '2 passed, 0 failed');
    const { status, said } = guard(files, '^a', 'zebra');
    assert.is(status, 1);
    assert.match(said, /no test file in .* matches \/zebra\/i/);
  },
);

guarding('counts both lanes of many files', () => {
  const many = Array.from({ length: 42 }, (_, at) => [
    `${String(at).padStart(2, '0')}.test.ts`,
    sound,
  ]);
  const files = Object.fromEntries(many);
  assert.is(guard(files).last, '42 passed, 0 failed');
  for (const bad of ['10.test.ts', '11.test.ts']) {
    const { status, last } = guard({ ...files, [bad]: sound.replace('2)', '3)') });
    assert.equal({ status, last }, { status: 1, last: '41 passed, 1 failed' });
  }
});

const lies: Record<string, { source: string; last: string; says: RegExp; args?: string[] }> = {
  'a failing test': {
    source: sound.replace('2)', '3)'),
    last: '0 passed, 1 failed',
    says: /^$/,
  },
  'a hook that throws before the tests': {
    source: sound.replace('one.run', "one.before(() => { throw new Error('no'); });\none.run"),
    last: '0 passed, 1 failed',
    says: /^$/,
  },
  'a hook that throws after the tests': {
    source: sound.replace('one.run', "one.after(() => { throw new Error('no'); });\none.run"),
    last: '0 passed, 1 failed',
    says: /uvu stopped before its end/,
  },
  'a file whose suite never runs': {
    source: sound.replace('one.run();', ''),
    last: '0 passed, 2 failed',
    says: /the suite one never runs(?:.|\n)*no test of it ran/,
  },
  'a second suite that never runs': {
    source: `${sound}const two = suite('two');\ntwo('x', () => {});\n`,
    last: '1 passed, 1 failed',
    says: /a\.test\.ts: the suite two never runs/,
  },
  'a pattern that matches nothing': {
    source: sound,
    last: '0 passed, 1 failed',
    says: /no test file in .* matches \/zebra\/i/,
    args: ['zebra'],
  },
  'an only that was left in': {
    source: sound.replace('one.run', "one.only('b', () => {});\none.run"),
    last: '1 passed, 2 failed',
    says: /one\.only leaves the other tests out(?:.|\n)*1 tests were skipped/,
  },
  'a skipped test': {
    source: sound.replace('one.run', "one.skip('b', () => {});\none.run"),
    last: '1 passed, 1 failed',
    says: /1 tests were skipped/,
  },
  'a test that ends the process': {
    source: sound.replace('assert.is(1 + 1, 2)', 'process.exit(0)'),
    last: '0 passed, 1 failed',
    says: /uvu stopped before its end/,
  },
  'a test that waits for nothing': {
    source: sound.replace('assert.is(1 + 1, 2)', 'new Promise(() => {})'),
    last: '0 passed, 1 failed',
    says: /uvu stopped before its end/,
  },
  'a test that keeps the process up for ever': {
    source: sound.replace(
      'assert.is(1 + 1, 2)',
      'new Promise(() => { setInterval(() => {}, 50); })',
    ),
    last: '0 passed, 1 failed',
    says: /no test ended for 2 s/,
    args: ['--silence', '2'],
  },
  'a test that leaves a timer behind': {
    source: sound.replace('assert.is(1 + 1, 2)', '{ setInterval(() => {}, 1000); }'),
    last: '1 passed, 1 failed',
    says: /the tests are over, but a timer or a server of theirs is not/,
  },
  'a file that does not parse': {
    source: 'const = 1;\n',
    last: '0 passed, 2 failed',
    says: /uvu stopped before its end/,
  },
};

for (const [lie, { source, last, says, args = [] }] of Object.entries(lies)) {
  guarding(`refuses ${lie}`, () => {
    const run = guard({ 'a.test.ts': source }, ...args);
    assert.is(run.status, 1);
    assert.is(run.last, last);
    assert.match(run.said, says);
  });
}

guarding('says where uvu stopped and how, and counts what had passed by then', () => {
  const waits = sound.replace('assert.is(1 + 1, 2)', 'new Promise(() => {})');
  const killed = sound.replace('assert.is(1 + 1, 2)', "process.kill(process.pid, 'SIGKILL')");
  for (const [source, how] of [
    [waits, 'exit code 1'],
    [killed, 'killed by SIGKILL'],
  ] as const) {
    const files = { 'a.test.ts': sound, 'b.test.ts': source, 'c.test.ts': sound };
    const { status, last, said } = guard(files);
    assert.equal({ status, last }, { status: 1, last: '1 passed, 2 failed' });
    assert.match(said, `uvu stopped before its end, at b.test.ts (${how})`);
  }
});

guarding('refuses an empty file before a sound one', () => {
  const { status, said } = guard({ 'a.test.ts': head, 'b.test.ts': sound });
  assert.is(status, 1);
  assert.match(said, /^a\.test\.ts: no test of it ran$/m);
});

guarding.run();
