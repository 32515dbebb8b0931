import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CheckoutError } from '../../errors.ts';
import { type Fetcher, waysTo } from '../../forges/diversion/blob.ts';
import type { Blob, Entry } from '../../forges/diversion/entries.ts';
import type { Repository } from '../../forges/diversion/repository.ts';
import { onDisk } from '../tree/disk.ts';
import type { Links } from '../tree/links.ts';
import { partsOf } from '../tree/path.ts';
import { shownName } from '../tree/shown.ts';
import { type Ground, modeOf } from './ground.ts';
import type { Manifest } from './manifest.ts';
import type { Pace } from './pace.ts';
import { receive } from './receive.ts';

export type Kit = Fetcher & {
  readonly ground: Ground;
  readonly manifest: Manifest;
  readonly links: Links;
  readonly pace: Pace;
  /** Called for every item and every piece of one. */
  readonly sweep: () => void;
  /** The folder may hold an earlier tree, and a later one may come. */
  readonly lasts: boolean;
  /** Where a file is until it is whole. */
  readonly part: string;
  readonly signal: AbortSignal;
};

type File = Exclude<Entry, { readonly kind: 'folder' }>;
type Parts = readonly string[];

/** Longer than any link may be. */
const longestTarget = 4096;

/** Sees to it that one item of the tree is as Diversion has it. */
export async function bring(kit: Kit, entry: Entry): Promise<void> {
  const { manifest, ground, links, pace, sweep } = kit;
  const { path, kind } = entry;
  const parts = partsOf(path, kind === 'folder', 'tree');
  sweep();
  manifest.claim(parts.join('/'), kind === 'folder');
  if (kind === 'folder') return ground.makeFolder(parts);
  if (kind === 'link') {
    const there = linkThere(kit, entry, parts);
    links.add({ parts, target: there ?? (await fetchTarget(kit, entry)) });
    return pace.settled(entry.bytes, there === undefined);
  }
  const isThere = kit.lasts && (await keeps(kit, entry, parts));
  if (!isThere) ground.place(parts, await fetch(kit, entry));
  pace.settled(entry.bytes, !isThere);
}

async function fetch(kit: Kit, file: File): Promise<string> {
  const { repository, part, pace, signal, sweep } = kit;
  const mode = modeOf(file.kind === 'program');
  const count = (bytes: number): void => pace.received(bytes);
  const { digest } = repository;
  await receive(file, waysTo(kit, file), { digest, file: part, mode, signal, count, sweep });
  return part;
}

/** Whether the file is there already: by its very bytes, whatever anybody remembers of it. */
async function keeps(kit: Kit, file: File, parts: Parts): Promise<boolean> {
  const { ground, repository } = kit;
  const stat = ground.look(parts);
  if (!stat?.isFile() || stat.size !== file.bytes) return false;
  // A second name of the file may be anywhere: what is written through that one is not ours to keep.
  if (stat.nlink > 1) return false;
  const path = join(ground.root, ...parts);
  if ((await hashOf(path, repository.digest, kit)) !== file.hash) return false;
  const mode = modeOf(file.kind === 'program');
  if ((stat.mode & 0o777) !== mode) onDisk(file.path, () => chmodSync(path, mode));
  return true;
}

async function hashOf(
  path: string,
  digest: Repository['digest'],
  { signal, sweep }: Kit,
): Promise<string | undefined> {
  const hash = createHash(digest);
  try {
    for await (const piece of createReadStream(path, { signal })) {
      hash.update(piece as Buffer);
      sweep();
    }
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

/** A link that is there with this very target need not be fetched to be made anew. */
function linkThere({ ground, repository }: Kit, { hash }: Blob, parts: Parts): string | undefined {
  if (!ground.look(parts)?.isSymbolicLink()) return undefined;
  const target = readlinkSync(join(ground.root, ...parts));
  return createHash(repository.digest).update(target).digest('hex') === hash ? target : undefined;
}

/** Where a link leads is what the file of its name holds. */
async function fetchTarget(kit: Kit, file: File): Promise<string> {
  if (file.bytes > longestTarget) {
    throw new CheckoutError(`The tree holds a link ${shownName(file.path)} that leads nowhere`);
  }
  return readFileSync(await fetch(kit, file), 'utf8');
}
