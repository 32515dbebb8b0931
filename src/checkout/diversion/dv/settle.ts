import { lstatSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CheckoutError } from '../../../errors.ts';
import { onDisk } from '../../tree/disk.ts';
import { dropOutside, type Link, outsideWarning } from '../../tree/links.ts';
import { partsOf } from '../../tree/path.ts';
import { shownName } from '../../tree/shown.ts';
import { walk } from '../../tree/walk.ts';
import type { Home } from '../home.ts';
import type { Manifest } from '../manifest.ts';

export type Settling = {
  /** The clone. */
  readonly folder: string;
  readonly home: Home;
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
  /** The failure for a tree of more bytes than are taken; undefined where so many are. */
  tooLarge(bytes: number): CheckoutError | undefined;
};

/** Takes what makes a clone of it away, and puts it where the tree belongs. Resolves to what a person must know. */
export async function settle(
  settling: Settling,
): Promise<{ readonly files: number; readonly warnings: readonly string[] }> {
  const { folder, home, manifest, signal } = settling;
  const { tree } = home;
  rmSync(join(folder, '.diversion'), { recursive: true, force: true });
  const { files, links } = note(settling);
  const outside = await dropOutside(folder, links, signal);
  onDisk(tree, () => {
    rmSync(tree, { recursive: true, force: true });
    renameSync(folder, tree);
  });
  // All that an earlier run had put there has gone with its folder.
  for (const _ of manifest.takeGone());
  if (home.lasts) manifest.markWhole();
  return { files, warnings: outsideWarning(outside) };
}

/** Whoever fetches into the same folder next must know what is ours. Nothing in the tree is believed. */
function note({ folder, manifest, tooLarge }: Settling): {
  readonly files: number;
  readonly links: Link[];
} {
  const links: Link[] = [];
  let files = 0;
  let bytes = 0;
  for (const { parts, path, item } of walk(folder)) {
    const name = parts.join('/');
    const isFolder = item.isDirectory();
    partsOf(name, isFolder, 'tree');
    manifest.claim(name, isFolder);
    if (isFolder) continue;
    files += 1;
    if (item.isSymbolicLink()) links.push({ parts, target: readlinkSync(path) });
    else if (item.isFile()) bytes += lstatSync(path).size;
    else {
      const what = 'which is neither file nor folder nor link';
      throw new CheckoutError(`The tree holds ${shownName(name)}, ${what}`);
    }
    const failure = tooLarge(bytes);
    if (failure) throw failure;
  }
  return { files, links };
}
