import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Runs uvu and refuses its green lies: a hook that throws, a suite that never runs, a pattern that matches nothing,
 * a left-over `only`. `node test/run.ts [pattern …]` runs the files that any of
 * them names; --dir names another folder of tests.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string', default: path.join(import.meta.dirname) },
    silence: { type: 'string', default: '300' },
  },
});
const dir = path.resolve(values.dir);
const silenceMs = Number(values.silence) * 1000;
const patterns = (positionals.length > 0 ? positionals : ['']).map((each) => new RegExp(each, 'i'));
const uvu = path.join(import.meta.dirname, '../node_modules/uvu/bin.js');

const all = readdirSync(dir, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules/'))
  .sort();
const files = all.filter((file) => patterns.some((pattern) => pattern.test(file)));

/** What uvu cannot count, because it never hears of it. */
function faultsIn(file: string): string[] {
  const source = readFileSync(path.join(dir, file), 'utf8');
  const suites = [...source.matchAll(/^\s*(?:export )?const (\w+) = suite(?:<.*>)?\(/gm)];
  const idle = suites.map((match) => match[1]).filter((name) => !source.includes(`${name}.run(`));
  const only = [...source.matchAll(/^\s*(\w+)\.only\(/gm)].map((match) => match[1]);
  return [
    ...idle.map((name) => `${file}: the suite ${name} never runs; end it with ${name}.run()`),
    ...only.map((name) => `${file}: ${name}.only leaves the other tests out`),
  ];
}

const escaped = (text: string): string => text.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&');

type Lane = {
  readonly text: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
};

/** uvu's words as they come, where they are live, and again as one text. */
function runUvu(mine: readonly string[], isLive: boolean): Promise<Lane> {
  const child = spawn(
    process.execPath,
    [uvu, '--no-color', dir, `^(?:${mine.map((file) => escaped(file)).join('|')})$`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  let alarm: NodeJS.Timeout | undefined;
  const stop = (why: string): void => {
    console.error(`\n${why}; stopping`);
    child.kill('SIGKILL');
  };
  const listen = (): void => {
    clearTimeout(alarm);
    // Once uvu has counted, nothing should be left to wait for.
    alarm = /^ {2}Duration: .*\n/m.test(text)
      ? setTimeout(stop, 10_000, 'the tests are over, but a timer or a server of theirs is not')
      : setTimeout(stop, silenceMs, `no test ended for ${values.silence} s`);
  };
  listen();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    listen();
    if (isLive) process.stdout.write(chunk);
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      clearTimeout(alarm);
      // Where uvu broke off in a line, what follows has one of its own.
      const end = text === '' || text.endsWith('\n') ? '' : '\n';
      if (isLive) process.stdout.write(end);
      resolve({ text: text + end, status, signal });
    });
  });
}

/** Tests wait more than they work: on a machine with two processors two lanes take half of the time. */
async function runLanes(): Promise<readonly Lane[]> {
  const few = files.length < 40;
  const count = few ? 1 : Math.min(2, availableParallelism());
  const lanes = Array.from({ length: count }, (_, lane) =>
    runUvu(
      files.filter((_each, index) => index % count === lane),
      lane === 0,
    ),
  );
  const done: Lane[] = [];
  for (const [index, lane] of lanes.entries()) {
    done.push(await lane);
    if (index > 0) process.stdout.write(done[index]?.text ?? '');
  }
  return done;
}

const faults = files.flatMap(faultsIn);
for (const pattern of patterns) {
  if (!all.some((file) => pattern.test(file))) {
    faults.push(`no test file in ${dir} matches ${pattern}`);
  }
}
if (files.some((file) => readFileSync(path.join(dir, file), 'utf8').includes('dist/slipway.mjs'))) {
  const { bundle } = await import('../build.ts');
  await bundle();
}

const lanes = files.length > 0 ? await runLanes() : [];
const figure = ({ text }: Lane, word: string): number | undefined => {
  const [, found] = new RegExp(`^ {2}${word}: +(\\d+)$`, 'm').exec(text) ?? [];
  return found === undefined ? undefined : Number(found);
};
const sum = (figures: readonly number[]): number => figures.reduce((all, each) => all + each, 0);
/** Of its suites, where uvu never came to count. */
const passedIn = (lane: Lane): number =>
  figure(lane, 'Passed') ??
  sum(Array.from(lane.text.matchAll(/ {2}\((\d+) \/ \d+\)$/gm), ([, count]) => Number(count)));
const passed = sum(lanes.map(passedIn));
const total = sum(lanes.map((lane) => figure(lane, 'Total') ?? passedIn(lane)));
const skipped = sum(lanes.map((lane) => figure(lane, 'Skipped') ?? 0));
/** With the file that it was at. */
const stopOf = ({ text, status, signal }: Lane): string => {
  const at = text.split('\n').findLast((line) => files.includes(line)) ?? 'no file';
  const how = signal ? `killed by ${signal}` : `exit code ${status}`;
  return `uvu stopped before its end, at ${at} (${how})`;
};
const lines = lanes.flatMap(({ text }) => text.split('\n'));
/** A file's name is followed by a line for each of its suites. */
const isHeard = (file: string): boolean => {
  const next = lines[lines.indexOf(file) + 1]?.trim();
  return lines.includes(file) && Boolean(next) && !files.includes(next ?? '');
};
if (files.length > 0) {
  const bad = lanes.find(({ status }) => status !== 0);
  const stopped = lanes.filter((lane) => figure(lane, 'Total') === undefined);
  faults.push(...stopped.map(stopOf));
  if (bad && stopped.length === 0 && passed === total) {
    faults.push(`uvu exited with ${bad.status}`);
  }
  if (skipped > 0) faults.push(`${skipped} tests were skipped`);
  const unheard = files.filter((file) => !isHeard(file));
  faults.push(...unheard.map((file) => `${file}: no test of it ran`));
}
for (const fault of faults) console.error(fault);
const failed = total - passed + faults.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
