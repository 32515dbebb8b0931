import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { globOf, matchesAny, matchesAnyCase } from '../../src/deployments/globs.ts';

const globs = suite('globOf');
for (const [pattern, text, good] of [
  ['hello-*', 'hello-production', true],
  ['hello-*', 'hello-', true],
  ['hello-*', 'hello', false],
  ['hello-*', 'xhello-a', false],
  ['*', '', true],
  ['*', 'anything/at all', true],
  ['octo/*', 'octo/hello', true],
  ['octo/*', 'octopus/hello', false],
  ['v?', 'v1', true],
  ['v?', 'v12', false],
  ['v?', 'v', false],
  ['v*.*', 'v1.2', true],
  ['v*.*', 'v12', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*-*-*', 'a-b-c', true],
  ['*-*-*', 'a-b', false],
  ['a*bc*c', 'abcc', true],
  ['a*bc*c', 'abc', false],
  ['**', 'x', true],
  ['main', 'Main', false],
  ['(.*)', 'x', false],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
  ['', '', true],
  ['', 'a', false],
  ['?', '🚀', false],
  ['??', '🚀', true],
] as const) {
  globs(`${pattern} ${good ? 'takes' : 'leaves'} ${JSON.stringify(text)}`, () => {
    assert.is(globOf(pattern)(text), good);
  });
}
globs('takes no time over a text that nearly fits', () => {
  const before = Date.now();
  assert.not.ok(globOf(`${'a*'.repeat(50)}b`)('a'.repeat(10_000)));
  assert.ok(Date.now() - before < 1000);
});
globs('takes the case of repositories as forges do', () => {
  assert.ok(matchesAnyCase(['Octo/*'], 'octo/Hello'));
  assert.not.ok(matchesAny(['Octo/*'], 'octo/Hello'));
  assert.not.ok(matchesAny([], ''));
});
globs.run();
