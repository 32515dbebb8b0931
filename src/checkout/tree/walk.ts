import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSweep } from './sweep.ts';

export type Found = {
  readonly parts: readonly string[];
  readonly path: string;
  readonly item: Dirent;
};

/** Everything below a folder, folders before what is in them. Follows no link, as `recursive` of readdir does. */
export function* walk(
  root: string,
  parts: readonly string[] = [],
  sweep = createSweep(),
): Generator<Found> {
  for (const item of readdirSync(join(root, ...parts), { withFileTypes: true })) {
    const below = [...parts, item.name];
    sweep();
    yield { parts: below, path: join(root, ...below), item };
    if (item.isDirectory()) yield* walk(root, below, sweep);
  }
}
