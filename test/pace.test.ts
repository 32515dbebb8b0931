import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { likelyEnd, nextLook } from '../src/pace.ts';

const pacing = suite('the pace of looks');

type Percent = (elapsed: number) => number | undefined;

/** When a deployment that lasts so long is looked at; the last look is the one that sees the end. */
function looksAt(lasts: number, past: readonly number[], percentAt: Percent = () => undefined) {
  const looks: number[] = [];
  let at = 0;
  let percent: number | undefined;
  while (at < lasts) {
    at += nextLook({ followed: at, elapsed: at, spent: looks.length, percent, past });
    looks.push(at);
    percent = percentAt(at);
  }
  return looks;
}
const lagOf = (lasts: number, past: readonly number[], percentAt?: Percent): number =>
  (looksAt(lasts, past, percentAt).at(-1) ?? 0) - lasts;
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Numbers that look drawn, the same in each run. */
const spread = (mean: number, share: number): number[] =>
  Array.from({ length: 40 }, (_, n) => mean * (1 + share * Math.sin(n * 2.4) * ((n % 5) / 5)));

const worlds: readonly (readonly [string, (lasts: number) => Percent])[] = [
  ['no percent', () => () => undefined],
  ['an even percent', (lasts) => (at) => Math.floor((at / lasts) * 99)],
  ['stages', (lasts) => (at) => [5, 20, 35, 60, 80, 95][Math.floor((at / lasts) ** 1.3 * 6)] ?? 95],
  ['a percent that stays', () => () => 40],
  ['a percent that is there at once', () => () => 99],
];
for (const seconds of [12, 30, 120, 600, 2100]) {
  for (const [what, percentOf] of worlds) {
    for (const past of [[], spread(seconds * 1000, 0.15)]) {
      const known = past.length > 0 ? 'a past' : 'no past';
      pacing(`never asks more than the vendor: ${seconds} s, ${what}, ${known}`, () => {
        for (const lasts of spread(seconds * 1000, 0.15)) {
          const looks = looksAt(lasts, past, percentOf(lasts));
          looks.forEach((at, n) => {
            assert.ok(n + 1 <= 1 + at / 3000 + 1e-9, `look ${n + 1} at ${at}`);
            assert.ok(at - (looks[n - 1] ?? 0) >= 1000 - 1e-9, 'at most one a second');
          });
        }
      });
    }
  }
}

/** A fifth of what the vendor's client takes in the median. */
const goal = 4700 / 5;
for (const seconds of [30, 120, 600]) {
  for (const [what, percentOf] of worlds.slice(0, 3)) {
    for (const past of [[], spread(seconds * 1000, 0.15).slice(0, 12)]) {
      if (past.length === 0 && what === 'no percent') continue;
      const known = past.length > 0 ? 'a past' : 'no past';
      pacing(`tells an end within ${goal} ms: ${seconds} s, ${what}, ${known}`, () => {
        const lags = spread(seconds * 1000, 0.15).map((lasts) =>
          lagOf(lasts, past, percentOf(lasts)),
        );
        assert.ok(median(lags) <= goal, `${median(lags)} ms`);
      });
    }
  }
}

pacing('is as good as the vendor where nothing is known', () => {
  const lags = spread(30_000, 0.15).map((lasts) => lagOf(lasts, []));
  assert.ok(median(lags) <= 1600, `${median(lags)} ms`);
});

pacing('does not wait long after the usual end', () => {
  assert.ok(lagOf(95_000, [30_000, 31_000, 29_000]) <= 3000);
});

pacing('sees both of two habits: a build, and an image that is there', () => {
  const past = [40_000, 300_000, 41_000, 310_000, 39_000];
  assert.ok((likelyEnd(20_000, past)?.from ?? 0) < 40_000);
  const { from = 0, to = 0 } = likelyEnd(60_000, past) ?? {};
  assert.ok(from > 250_000 && to < 340_000, `${from} ${to}`);
  assert.is(likelyEnd(400_000, past), undefined);
});

pacing.run();
