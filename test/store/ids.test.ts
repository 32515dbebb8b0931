import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { createIds } from '../../src/store/ids.ts';

const ids = suite('ids of runs');

ids('rise within one moment, however many it has', () => {
  // The example of RFC 9562, A.6.
  const newId = createIds({ ...systemClock, now: () => Date.parse('2022-02-22T19:22:22Z') });
  const made = Array.from({ length: 20_000 }, newId);
  assert.is(new Set(made).size, made.length);
  assert.equal(made, made.toSorted());
  assert.match(made[0] ?? '', /^017f22e2-79b0-7000-[89ab]/);
});

ids('rise when the clock goes back', () => {
  let now = 1000;
  const newId = createIds({ ...systemClock, now: () => now-- });
  const made = Array.from({ length: 500 }, newId);
  assert.equal(made, made.toSorted());
});

ids('are random where two processes count alike', () => {
  const clock = { ...systemClock, now: () => 1 };
  assert.is.not(createIds(clock)(), createIds(clock)());
});

ids.run();
