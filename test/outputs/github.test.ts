import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderGithubOutput } from '../../src/outputs/github.ts';
import { hostile } from './sample.ts';

/** The runner's rules: whichever of `=` and `<<` comes first; a heredoc ends at the line that is the delimiter. */
function parse(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  assert.is(lines.pop(), '', 'the file ends with a line break');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const end = lines.indexOf(line.slice(heredoc + 2));
      if (end < 0) throw new Error(`Matching delimiter not found '${line.slice(heredoc + 2)}'`);
      values[line.slice(0, heredoc)] = lines.splice(0, end).join('\n');
      lines.shift();
    } else if (equals > 0) values[line.slice(0, equals)] = line.slice(equals + 1);
    else throw new Error(`Invalid format '${line}'`);
  }
  return values;
}

const rendering = suite('renderGithubOutput');

rendering('survives hostile values', () => {
  const big = { ...hostile, big: 'x\n'.repeat(35_000) };
  assert.equal(parse(renderGithubOutput(new Map(Object.entries(big)))), big);
});

rendering('takes another delimiter when the value holds the first', () => {
  const delimiters = ['taken', 'taken', 'free'];
  const value = 'a\ntaken\noutcome=success';
  const text = renderGithubOutput(new Map([['log', value]]), () => delimiters.shift() ?? '');
  assert.is(text, `log<<free\n${value}\nfree\n`);
});

rendering('never uses a delimiter twice', () => {
  const text = renderGithubOutput(
    new Map([
      ['a', '1\n2'],
      ['b', '1\n2'],
    ]),
  );
  const delimiters = [...text.matchAll(/<<(.+)/g)].map(([, delimiter]) => delimiter);
  assert.is(new Set(delimiters).size, 2);
  assert.ok(delimiters.every((delimiter) => (delimiter ?? '').length > 30));
});

rendering.run();
