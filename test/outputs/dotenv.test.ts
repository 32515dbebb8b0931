import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderDotenv, renderJson } from '../../src/outputs/dotenv.ts';
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

const dotenv = suite('renderDotenv');

dotenv('is accepted by GitLab with every hostile value on one line', () => {
  const { text, lost } = renderDotenv(new Map(Object.entries({ ...hostile, nul: 'a\0b' })));
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

dotenv('keeps the names as they are', () => {
  assert.equal(parseGitlab(renderDotenv(sampleOutputs).text), Object.fromEntries(sampleOutputs));
});

dotenv('cuts the longest value until GitLab takes the file', () => {
  const outputs = new Map([...sampleOutputs, ['notes', 'é'.repeat(35_000)]]);
  const { text, lost } = renderDotenv(outputs, 5 * 1024);
  const { notes = '', ...rest } = parseGitlab(text);
  assert.match(notes, /^é+$/);
  assert.equal(rest, Object.fromEntries(sampleOutputs));
  assert.equal(lost, ['notes was cut, because GitLab takes no more than 5 KiB']);
  assert.ok(renderDotenv(outputs).text.length > 35_000);
});

dotenv.run();

const json = suite('renderJson');

json('keeps every value to the letter', () => {
  const values = { ...hostile, __proto__x: 'y', big: 'x'.repeat(70_000) };
  assert.equal(JSON.parse(renderJson(new Map(Object.entries(values)))), values);
});

json.run();
