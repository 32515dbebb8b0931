import { rm, unlink } from 'node:fs/promises';
import { walk } from './walk.ts';

const atOnce = 100;

/**
 * Removes a folder with all that is in it. In portions, for Node's own removal holds something for each of a hundred
 * thousand files at once. Rejects when something stays behind.
 */
export async function removeTree(root: string): Promise<void> {
  const portion: string[] = [];
  const empty = () => Promise.allSettled(portion.splice(0).map((path) => unlink(path)));
  try {
    for (const { path, item } of walk(root)) {
      if (!item.isDirectory()) portion.push(path);
      if (portion.length === atOnce) await empty();
    }
  } catch {
    // There is nothing, or it cannot be read: that is for the last line to say.
  }
  await empty();
  // What a deploy has left running may still write here.
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}
