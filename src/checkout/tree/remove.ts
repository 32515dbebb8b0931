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
  for (const item of tried(itemsOf, folder) ?? []) {
    const path = below(folder, item.name);
    sweep();
    if (item.isDirectory()) yield* emptying(path, sweep);
    tried(item.isDirectory() ? rmdirSync : unlinkSync, path);
    yield;
  }
}

const slash = Buffer.from('/');
export const below = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, slash, name]);

export const itemsOf = (folder: Buffer): readonly Dirent<Buffer>[] =>
  readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });

/** What fails is for Node's own removal to say. */
function tried<T>(act: (path: Buffer) => T, path: Buffer): T | undefined {
  try {
    return act(path);
  } catch {
    return undefined;
  }
}
