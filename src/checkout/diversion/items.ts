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
import { type Ground, modeOf, stampOf } from './ground.ts';
import type { Manifest } from './manifest.ts';
import type { Pace } from './pace.ts';
import { receive } from './receive.ts';

export type Kit = Fetcher & {
  readonly ground: Ground;
  readonly manifest: Manifest;
  readonly links: Links;
  readonly pace: Pace;
  /** Folder of files that are not whole yet. */
  readonly parts: string;
  readonly signal: AbortSignal;
};

type File = Exclude<Entry, { readonly kind: 'folder' }>;
type Parts = readonly string[];

/** Longer than any link may be. */
const longestTarget = 4096;

/** Sees to it that one item of the tree is as Diversion has it. `nth` is another number for each. */
export async function bring(kit: Kit, entry: Entry, nth: number): Promise<void> {
  const { manifest, ground, links, pace } = kit;
  const { path, kind } = entry;
  const parts = partsOf(path, kind === 'folder', 'tree');
  const name = parts.join('/');
  const before = manifest.known(name);
  manifest.claim(name);
  if (kind === 'folder') {
    manifest.put(name, { content: 'folder', stat: '' });
    return ground.makeFolder(parts);
  }
  if (kind === 'link') {
    const there = linkThere(kit, entry, parts);
    links.add({ parts, target: there ?? (await fetchTarget(kit, entry, nth)) });
    return pace.settled(entry.bytes, there === undefined);
  }
  const content = contentOf(kit, entry);
  const isThere = await keeps(kit, entry, parts, before);
  if (!isThere) {
    const file = await fetch(kit, entry, nth);
    ground.place(parts, file, kind === 'program');
  }
  const stat = ground.look(parts);
  manifest.put(name, { content, stat: stat ? stampOf(stat) : '' });
  pace.settled(entry.bytes, !isThere);
}

const contentOf = ({ repository }: Kit, { hash }: Blob): string => `${repository.digest}:${hash}`;

async function fetch(kit: Kit, blob: Blob, nth: number): Promise<string> {
  const { repository, parts, pace, signal } = kit;
  const file = join(parts, String(nth));
  const { digest } = repository;
  const count = (bytes: number): void => pace.received(bytes);
  await receive(blob, waysTo(kit, blob), { digest, file, signal, count });
  return file;
}

/** Whether the file is there already: untouched since we put it there, or else with the same bytes. */
async function keeps(
  kit: Kit,
  file: File,
  parts: Parts,
  before: ReturnType<Manifest['known']>,
): Promise<boolean> {
  const { ground, signal } = kit;
  const stat = ground.look(parts);
  if (!stat?.isFile() || stat.size !== BigInt(file.bytes)) return false;
  const path = join(ground.root, ...parts);
  const isUntouched = before?.content === contentOf(kit, file) && before.stat === stampOf(stat);
  if (!isUntouched && (await hashOf(path, kit.repository.digest, signal)) !== file.hash)
    return false;
  // A second name of the file may be anywhere: what is written through that one is not ours to keep.
  if (stat.nlink > 1n) return false;
  const mode = modeOf(file.kind === 'program');
  if (Number(stat.mode & 0o777n) !== mode) onDisk(file.path, () => chmodSync(path, mode));
  return true;
}

async function hashOf(
  path: string,
  digest: Repository['digest'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash(digest);
  try {
    for await (const piece of createReadStream(path, { signal })) hash.update(piece as Buffer);
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
async function fetchTarget(kit: Kit, blob: Blob, nth: number): Promise<string> {
  if (blob.bytes > longestTarget) {
    throw new CheckoutError(`The tree holds a link ${shownName(blob.path)} that leads nowhere`);
  }
  return readFileSync(await fetch(kit, blob, nth), 'utf8');
}
