import { type Dirent, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { createSweep } from './sweep.ts';

/** So many removals, and others have their turn. */
const atOnce = 20;

/**
 * Removes a folder with all that is in it, whatever its names are made of. One by one, for Node's own removal holds
 * something for each of a hundred thousand items at once. Rejects when something stays behind.
 */
export async function removeTree(root: string | Buffer): Promise<void> {
  let removed = 0;
  for (const _ of emptying(Buffer.from(root), createSweep())) {
    removed += 1;
    if (removed % atOnce === 0) await setImmediate();
  }
  // What a deploy has left running may still write here; and what could not be removed is said.
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}

function* emptying(folder: Buffer, sweep: () => void): Generator<void> {
  for (const item of itemsIn(folder)) {
    const path = below(folder, item.name);
    sweep();
    if (!item.isDirectory()) tried(unlinkSync, path);
    else if (!tried(rmdirSync, path)) {
      yield* emptying(path, sweep);
      tried(rmdirSync, path);
    }
    yield;
  }
}

const slash = Buffer.from('/');
export const below = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, slash, name]);

function itemsIn(folder: Buffer): readonly Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch {
    // There is nothing, or it cannot be read: that is for Node's own removal to say.
    return [];
  }
}

function tried(remove: (path: Buffer) => void, path: Buffer): boolean {
  try {
    remove(path);
    return true;
  } catch {
    return false;
  }
}
