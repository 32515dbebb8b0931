import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

export type Found = {
  readonly parts: readonly string[];
  readonly path: string;
  readonly item: Dirent;
};

/** Everything below a folder, folders before what is in them. Follows no link, as `recursive` of readdir does. */
export function* walk(root: string, parts: readonly string[] = []): Generator<Found> {
  for (const item of readdirSync(join(root, ...parts), { withFileTypes: true })) {
    const below = [...parts, item.name];
    yield { parts: below, path: join(root, ...below), item };
    if (item.isDirectory()) yield* walk(root, below);
  }
}
