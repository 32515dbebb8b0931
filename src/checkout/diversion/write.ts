import { join } from 'node:path';
import type { CheckoutError } from '../../errors.ts';
import type { Fetcher } from '../../forges/diversion/blob.ts';
import { type Entry, readEntries } from '../../forges/diversion/entries.ts';
import { createLinks, outsideWarning } from '../tree/links.ts';
import { isPlain } from '../tree/path.ts';
import { createSweep } from '../tree/sweep.ts';
import { crew } from './crew.ts';
import { createGround, type Ground } from './ground.ts';
import { emptyParts, type Home } from './home.ts';
import { bring, type Kit } from './items.ts';
import { type Manifest, openManifest } from './manifest.ts';

export type Writing = Fetcher &
  Pick<Kit, 'pace' | 'signal'> & {
    readonly home: Home;
    /** The failure for a tree of more bytes than are taken; undefined where so many are. */
    tooLarge(bytes: number): CheckoutError | undefined;
  };

export type Written = {
  readonly warnings: readonly string[];
  /** Lets go of the tree: another run may change it then. */
  close(): void;
};

/** What Diversion answers best to: it is asked for that many files at once. */
const atOnce = 6;

/** Makes the folder what the commit is: what differs is fetched, what is gone is removed. */
export async function writeTree(writing: Writing): Promise<Written> {
  const { home, signal } = writing;
  const manifest = openManifest(join(home.beside, 'manifest'), home.tree);
  try {
    const ground = createGround(home.tree, manifest);
    const links = createLinks();
    const parts = emptyParts(home.beside);
    const kit = {
      ...writing,
      ground,
      manifest,
      links,
      parts,
      lasts: home.lasts,
      sweep: createSweep(),
    };
    await bringAll(kit, writing);
    removeGone(ground, manifest);
    // Links come last, so that nothing is written or removed through one.
    for (const { parts } of links.all) ground.clear(parts);
    const outside = await links.make(home.tree, signal);
    return { warnings: outsideWarning(outside), close: manifest.close };
  } catch (error) {
    manifest.close();
    throw error;
  }
}

async function bringAll(
  kit: Omit<Kit, 'part'> & { readonly parts: string },
  writing: Writing,
): Promise<void> {
  const { session, repository, commit, signal } = kit;
  const pages = bounded(readEntries(session, repository, commit, signal), writing);
  await crew(pages, atOnce, signal, (seat) => {
    const mine = { ...kit, signal: seat.signal, part: join(kit.parts, String(seat.number)) };
    return (entry) => bring(mine, entry);
  });
}

async function* bounded(
  pages: AsyncGenerator<readonly Entry[]>,
  { tooLarge }: Writing,
): AsyncGenerator<readonly Entry[]> {
  let bytes = 0;
  for await (const page of pages) {
    for (const entry of page) bytes += entry.kind === 'folder' ? 0 : entry.bytes;
    const failure = tooLarge(bytes);
    if (failure) throw failure;
    yield page;
  }
}

function removeGone(ground: Ground, manifest: Manifest): void {
  for (const { path, isFolder } of manifest.takeGone()) {
    // Whoever may write beside the tree may have written that, too.
    if (isPlain(path)) ground.remove(path.split('/'), isFolder);
  }
}
