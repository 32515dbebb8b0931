import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Faulty } from './faulty.ts';
import type { Process } from './process.ts';

/** Resolves when a fake has dealt with so many exchanges. */
export async function exchanged(
  { exchanges }: Pick<Faulty<string>, 'exchanges'>,
  count: number,
): Promise<void> {
  const until = Date.now() + 10_000;
  while (exchanges.length < count) {
    if (Date.now() > until) throw new Error(`only ${exchanges.join()}`);
    await pause(1);
  }
}

/** Plays a test on a fake, which has nothing to complain about; its processes do not outlive it. */
export async function playOn(
  fake: Pick<Faulty<string>, 'complaints' | 'close'>,
  processes: readonly Process[],
  play: () => Promise<void>,
): Promise<void> {
  try {
    await play();
    assert.equal(fake.complaints, []);
  } finally {
    for (const process of processes) process.kill();
    await fake.close();
  }
}
