import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReplacer } from '../src/replacer.ts';

const replacer = suite('replacer');

/** Small and slow: marks every byte that any pattern covers. */
function replaceNaively(data: string, patterns: readonly string[]): string {
  const hits = patterns
    .flatMap((p) =>
      [...data].flatMap((_, i) => (data.startsWith(p, i) ? [{ at: i, end: i + p.length }] : [])),
    )
    .toSorted((a, b) => a.at - b.at);
  let out = '';
  let done = 0;
  for (const { at, end } of hits) {
    if (at >= done) out += `${data.slice(done, at)}#`;
    done = Math.max(done, end);
  }
  return out + data.slice(done);
}

/** Repeatable random numbers. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const ofText = (texts: readonly string[]) =>
  createReplacer(texts.map((t) => ({ bytes: Buffer.from(t), shown: Buffer.from('#') })));
const joined = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString('latin1');

replacer('agrees with a naive search on 2000 random texts, patterns and chunkings', () => {
  const roll = createDice(7);
  const word = (max: number, min: number, letters: number): string =>
    Array.from({ length: min + roll(max - min + 1) }, () => 'abcdefgh'[roll(letters)]).join('');
  for (let round = 0; round < 2000; round++) {
    const letters = 2 + roll(4);
    const patterns = Array.from({ length: 1 + roll(6) }, () => word(9, 3, letters));
    let text = '';
    while (text.length < 40)
      text += roll(2) ? patterns[roll(patterns.length)] : word(5, 1, letters);
    const stream = ofText(patterns)();
    const out: Uint8Array[] = [];
    for (let from = 0; from < text.length; ) {
      const size = 1 + roll(roll(2) ? 3 : 30);
      // The owner writes over the piece once it was taken, as a reader that reuses its buffer does.
      const piece = Buffer.from(text.slice(from, from + size));
      out.push(...stream.push(piece).map((view) => Uint8Array.from(view)));
      piece.fill(0);
      from += size;
    }
    out.push(...stream.end());
    assert.is(joined(out), replaceNaively(text, patterns), `${patterns} in ${text}`);
  }
});

replacer('keeps back the longest end that may become a pattern, and no more', () => {
  const stream = ofText(['abcdef', 'efgh'])();
  assert.is(joined(stream.push(Buffer.from('xxabcde'))), 'xx');
  assert.is(joined(stream.push(Buffer.from('x'))), 'abcdex');
  assert.is(joined(stream.push(Buffer.from('no line break'))), 'no line break');
  assert.is(joined(stream.push(Buffer.from('ab'))), '');
  assert.is(joined(stream.end()), 'ab');
  assert.is(joined(stream.end()), '');
});

replacer('covers a pattern that begins inside another', () => {
  const stream = ofText(['abcdef', 'efgh'])();
  const out = ['abcdef', 'g', 'h', '!'].map((piece) => joined(stream.push(Buffer.from(piece))));
  assert.equal(out, ['#', '', '', '!']);
});

replacer('finds patterns longer than its window of 255 bytes', () => {
  const long = Array.from({ length: 700 }, (_, i) => String.fromCharCode(97 + (i % 23))).join('');
  const stream = ofText([long])();
  const out = [...stream.push(Buffer.from(`<${long.slice(0, 699)}`))];
  out.push(...stream.push(Buffer.from(`${long.slice(699)}>`)), ...stream.end());
  assert.is(joined(out), '<#>');
});

replacer('passes bytes that are no text as they are', () => {
  const all = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
  const stream = createReplacer([{ bytes: Uint8Array.of(254, 255, 0), shown: Buffer.from('#') }])();
  const out = Buffer.concat([...stream.push(all), ...stream.end()]);
  const expected = [...all.subarray(0, 254), 35, ...all.subarray(257)];
  assert.equal([...out], expected);
});

replacer('hands the very same bytes on when there is nothing to look for', () => {
  const bytes = Buffer.from('anything');
  const [piece, ...more] = createReplacer([])().push(bytes);
  assert.is(piece, bytes);
  assert.is(more.length, 0);
});

replacer.run();
