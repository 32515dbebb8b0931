import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderDotenv, renderGitlabReport, renderJson } from '../../src/outputs/dotenv.ts';
import { hostile, sampleOutputs } from './sample.ts';

/** GitLab's rules for a dotenv report: every line matches, names are words, both sides are stripped. */
function parseGitlab(text: string): Record<string, string> {
  if (Buffer.byteLength(text) > 5 * 1024) throw new Error('Dotenv Artifact Too Big');
  const entries = text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, key, value] = /^(.*?)=(.*)$/.exec(line) ?? [];
      if (key === undefined || value === undefined) throw new Error(`Invalid Format: ${line}`);
      if (!/^[a-zA-Z0-9_]+$/.test(key.trim())) throw new Error(`Invalid key: ${key}`);
      if (value.includes('\0')) throw new Error('string contains null byte');
      return [key.trim(), value.trim()];
    });
  assert.is(new Set(entries.map(([key]) => key)).size, entries.length, 'no name twice');
  return Object.fromEntries(entries);
}

/** What a later job sees: GitLab fills in its variables, then the runner does, and makes one dollar of two. */
const inLaterJob = (value: string): string =>
  value
    .replace(/\$\$|%%|\$(?:\w+|\{\w+\})|%CI_JOB_TOKEN%/g, (all) =>
      ['$$', '%%'].includes(all) ? all : 'SECRET',
    )
    .replace(/\$(?:\$|\w+|\{\w+\})/g, (all) => (all === '$$' ? '$' : 'SECRET'));

const dotenv = suite('renderDotenv');

dotenv('has one line a value and changes nothing else', () => {
  const text = renderDotenv(
    new Map([
      ['a', 'costs $5\nor $HOME'],
      ['b', '%PATH%'],
    ]),
  );
  assert.is(text, 'a=costs $5 or $HOME\nb=%PATH%\n');
});

dotenv.run();

const report = suite('renderGitlabReport');

report('is accepted by GitLab with every hostile value on one line', () => {
  const { text, lost } = renderGitlabReport(new Map(Object.entries({ ...hostile, nul: 'a\0b' })));
  const values = parseGitlab(text);
  assert.equal(Object.keys(values), [...Object.keys(hostile), 'nul']);
  assert.is(values.newline, 'one two three');
  assert.is(values.carriage_return, 'one two three');
  assert.is(values.quotes, hostile.quotes);
  assert.is(values.equals, hostile.equals);
  assert.is(values.heredoc, 'a EOF outcome=success outcome<<EOF success EOF');
  assert.is(values.nul, 'a b');
  assert.equal(lost, []);
});

report('reaches later jobs with nothing filled in', () => {
  const values = {
    plain: 'a $5 b',
    name: 'see $CI_JOB_TOKEN and ${CI_JOB_TOKEN}',
    doubled: '$$ $$$NAME $$$$',
    url: 'https://x.example/caf%C3%A9?a=%20b$c',
  };
  const { text, lost } = renderGitlabReport(new Map(Object.entries(values)));
  const seen = Object.entries(parseGitlab(text)).map(([key, value]) => [key, inLaterJob(value)]);
  assert.equal(Object.fromEntries(seen), values);
  assert.equal(lost, []);
});

report('leaves out what GitLab would fill in whatever is written', () => {
  const { text, lost } = renderGitlabReport(new Map([['description', 'at %CI_JOB_TOKEN%']]));
  assert.is(text, 'description=\n');
  assert.match(lost.join(), /description was left empty, because GitLab would fill in/);
});

report('cuts no `$$` in half', () => {
  for (const lead of ['', 'a', 'ab', 'abc']) {
    const { text } = renderGitlabReport(new Map([['x', `${lead}${'$'.repeat(9000)}`]]));
    const [, dollars = ''] = /(\$*)\n$/.exec(text) ?? [];
    assert.is(dollars.length % 2, 0, `${dollars.length} after ${lead}`);
  }
});

report('keeps the names as they are', () => {
  assert.equal(
    parseGitlab(renderGitlabReport(sampleOutputs).text),
    Object.fromEntries(sampleOutputs),
  );
});

report('cuts the longest value until GitLab takes the file', () => {
  const outputs = new Map([...sampleOutputs, ['notes', 'é'.repeat(35_000)]]);
  const { text, lost } = renderGitlabReport(outputs);
  const { notes = '', ...rest } = parseGitlab(text);
  assert.match(notes, /^é+$/);
  assert.equal(rest, Object.fromEntries(sampleOutputs));
  assert.equal(lost, ['notes was cut, because GitLab takes no more than 5 KiB']);
  assert.ok(renderDotenv(outputs).length > 35_000);
});

report.run();

const json = suite('renderJson');

json('keeps every value to the letter', () => {
  const values = { ...hostile, __proto__x: 'y', big: 'x'.repeat(70_000) };
  assert.equal(JSON.parse(renderJson(new Map(Object.entries(values)))), values);
});

json.run();
