import { setTimeout as pause } from 'node:timers/promises';

/** Waits for something that shows by itself. */
export async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await happened()) return;
    await pause(10);
  }
  throw new Error('it did not happen');
}
