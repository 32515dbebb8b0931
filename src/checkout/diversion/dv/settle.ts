import { readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../../tree/disk.ts';
import { dropOutside, type Link, outsideWarning } from '../../tree/links.ts';
import { walk } from '../../tree/walk.ts';
import type { Home } from '../home.ts';
import type { Manifest } from '../manifest.ts';

/** Takes what makes a clone of it away, and puts it where the tree belongs. Resolves to what a person must know. */
export async function settle(
  folder: string,
  { tree }: Home,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<{ readonly files: number; readonly warnings: readonly string[] }> {
  rmSync(join(folder, '.diversion'), { recursive: true, force: true });
  const { files, links } = note(folder, manifest);
  const outside = await dropOutside(folder, links, signal);
  onDisk(tree, () => {
    rmSync(tree, { recursive: true, force: true });
    renameSync(folder, tree);
  });
  // All that an earlier run had put there has gone with its folder.
  for (const _ of manifest.takeGone());
  return { files, warnings: outsideWarning(outside) };
}

/** Whoever fetches into the same folder next must know what is ours. */
function note(
  folder: string,
  manifest: Manifest,
): { readonly files: number; readonly links: Link[] } {
  const links: Link[] = [];
  let files = 0;
  for (const { parts, path, item } of walk(folder)) {
    const name = parts.join('/');
    manifest.claim(name, item.isDirectory());
    if (!item.isDirectory()) files += 1;
    if (item.isSymbolicLink()) links.push({ parts, target: readlinkSync(path) });
  }
  return { files, links };
}
