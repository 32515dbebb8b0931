import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { visibly } from '../../src/run/patience.ts';
import { manualClock } from '../support/manual-clock.ts';
import { takeNotes } from '../support/notes.ts';

const waiting = suite('visibly');

async function wait(ms: number, passes: number): Promise<readonly string[]> {
  const clock = manualClock();
  const log = takeNotes();
  let done = (_: string): void => {};
  const work = new Promise<string>((resolve) => {
    done = resolve;
  });
  const waited = visibly({ clock, log }, 'GitHub is silent', ms, work);
  await clock.advance(passes);
  done('answer');
  assert.is(await waited, 'answer');
  return log.lines;
}

waiting('says once for how long it tries, and nothing of what is quick', async () => {
  assert.equal(await wait(60_000, 30_000), ['info GitHub is silent; trying for up to 1m']);
  assert.equal(await wait(60_000, 1000), []);
  assert.equal(await wait(4000, 30_000), [], 'no use in a line of a few seconds');
});

waiting('hands on what went wrong', async () => {
  const deps = { clock: manualClock(), log: takeNotes() };
  const failing = visibly(deps, 'x', 60_000, Promise.reject(new Error('no')));
  assert.is(await failing.catch((error: Error) => error.message), 'no');
});

waiting.run();
