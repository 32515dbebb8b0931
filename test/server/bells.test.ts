import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBells } from '../../src/server/bells.ts';
import type { News, Store } from '../../src/store/store.ts';
import { manualClock } from '../support/manual-clock.ts';

const bells = suite('createBells');

/** The part of a store that rings. */
function ringing() {
  const listeners = new Set<(news: News) => void>();
  const clock = manualClock();
  const store = {
    watch: (listener: (news: News) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as Store;
  const hub = createBells(() => store, clock);
  const tell = (news: News): void => {
    for (const listener of listeners) listener(news);
  };
  return { hub, clock, tell, listeners };
}
const settled = async (promise: Promise<void>): Promise<boolean> => {
  let isOver = false;
  void promise.then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  return isOver;
};

bells(
  'rings once for what happened since it was last heard, and for its own run alone',
  async () => {
    const { hub, tell } = ringing();
    const bell = hub.hang('a', new AbortController().signal);
    tell({ id: 'b', what: 'log' });
    const first = bell.next(1000);
    assert.not(await settled(first));
    tell({ id: 'a', what: 'log' });
    assert.ok(await settled(first));
    assert.not(await settled(bell.next(1000)));
    tell({ id: 'a', what: 'changed' });
    tell({ id: 'a', what: 'ended' });
    assert.ok(await settled(bell.next(1000)));
    assert.not(await settled(bell.next(1000)));
  },
);

bells('rings for everybody when something may have been missed', async () => {
  const { hub, tell, listeners } = ringing();
  const all = ['a', 'a', 'b'].map((id) => hub.hang(id, new AbortController().signal).next(1000));
  tell({ what: 'missed' });
  for (const each of all) assert.ok(await settled(each));
  assert.is(listeners.size, 1, 'one listener at the store for all');
  hub.end();
  assert.is(listeners.size, 0);
});

bells('rings after a while, and at once for whoever leaves', async () => {
  const { hub, clock } = ringing();
  const leaving = new AbortController();
  const bell = hub.hang('a', leaving.signal);
  const late = bell.next(1000);
  await clock.advance(1000);
  assert.ok(await settled(late));
  const next = bell.next(1000);
  leaving.abort();
  assert.ok(await settled(next));
  assert.ok(await settled(bell.next(1000)));
});

bells.run();
