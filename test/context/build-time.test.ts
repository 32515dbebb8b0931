import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { msOfIso, msOfSeconds } from '../../src/context/build-time.ts';

const Times = suite('context: build times');

for (const [text, expected] of [
  ['1795258800', 1_795_258_800_000],
  ['0', undefined],
  ['1795258800000', undefined],
  ['-1', undefined],
  ['soon', undefined],
  [undefined, undefined],
] as const) {
  Times(`makes ${expected} of ${text} seconds`, () => {
    assert.is(msOfSeconds(text), expected);
  });
}

for (const [text, expected] of [
  ['2026-11-21T10:20:00Z', Date.UTC(2026, 10, 21, 10, 20)],
  ['2026-11-21T11:20:00.250+01:00', Date.UTC(2026, 10, 21, 10, 20, 0, 250)],
  ['2026-11-21T10:20:00', undefined],
  ['2026-13-41T10:20:00Z', undefined],
  ['1795258800', undefined],
  [undefined, undefined],
] as const) {
  Times(`makes ${expected} of ${text}`, () => {
    assert.is(msOfIso(text), expected);
  });
}

Times.run();
