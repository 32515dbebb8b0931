import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { saidIn } from '../../../src/targets/divio/explain.ts';

const explaining = suite('divio: what a refusal says');
for (const [body, said] of [
  [{ non_field_errors: ['one', 'two'], detail: 'x' }, 'one; two'],
  [{ detail: 'Not\n found.' }, 'Not found.'],
  [{ detail: ['a'], slug: ['b'] }, 'a'],
  [{ slug: ['is required', 'is short'], name: ['x'] }, 'slug: is required, is short; name: x'],
  [{ nested: { deep: ['x'] } }, undefined],
  [[], undefined],
  [['one', 'two'], 'one; two'],
] as const) {
  explaining(JSON.stringify(body), () => assert.is(saidIn(JSON.stringify(body)), said));
}
explaining('of text is the text, unless it is a page, or too long to be one', () => {
  assert.is(saidIn('Bad\nGateway'), 'Bad Gateway');
  assert.is(saidIn('<html>x'), undefined);
  assert.is(saidIn(''), undefined);
  assert.is(saidIn('x'.repeat(301)), undefined);
});
explaining.run();
