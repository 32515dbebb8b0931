import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadEntry } from 'tar/read-entry';
import { CheckoutError } from '../../errors.ts';
import { onDisk } from '../tree/disk.ts';
import type { Links } from '../tree/links.ts';
import { shownName } from '../tree/shown.ts';
import { createOmissions, type Omissions } from './omissions.ts';
import { createPlaces } from './place.ts';

export type Writer = {
  /** Takes one entry; its body is written as it comes. */
  take(entry: ReadEntry): void;
  /** Closes what an archive that broke off has left open. */
  close(): void;
  readonly files: number;
  readonly omissions: Omissions;
};

const mostEntries = 1_000_000;
/** Their text tells what the archive leaves out. */
const largestHead = 64 * 1024;

/**
 * Writes entries below a folder that is ours alone. In steps that wait for the disk: the parser hands out the next
 * piece when this one is written, so that neither the order nor the memory depends on how fast anything is.
 */
export function createWriter(root: string, links: Links): Writer {
  const placeOf = createPlaces();
  const omissions = createOmissions();
  let entries = 0;
  let files = 0;
  let made = '';
  let open: number | undefined;

  function makeFolder(parts: readonly string[]): void {
    const name = parts.join('/');
    // Entries come folder by folder.
    if (name === made) return;
    const path = join(root, ...parts);
    onDisk(name, () => mkdirSync(path, { recursive: true, mode: 0o755 }));
    made = name;
  }

  function writeFile(parts: readonly string[], entry: ReadEntry): void {
    const name = parts.join('/');
    makeFolder(parts.slice(0, -1));
    const isProgram = ((entry.mode ?? 0) & 0o111) !== 0;
    const path = join(root, ...parts);
    const file = onDisk(name, () => openSync(path, 'wx', isProgram ? 0o755 : 0o644));
    open = file;
    files += 1;
    const head: Uint8Array[] = [];
    const isTold = omissions.wants(parts, entry.size);
    entry.on('data', (piece: Uint8Array) => {
      onDisk(name, () => writeAll(file, piece));
      if (isTold && entry.size <= largestHead) head.push(Uint8Array.from(piece));
    });
    entry.on('end', () => {
      open = undefined;
      onDisk(name, () => closeSync(file));
      if (isTold) omissions.read(parts, Buffer.concat(head).toString());
    });
  }

  return {
    take(entry) {
      entries += 1;
      if (entries > mostEntries) {
        throw new CheckoutError(`The archive holds more than ${mostEntries} entries`);
      }
      const isFolder = entry.type === 'Directory';
      const parts = placeOf(entry.path, isFolder);
      if (entry.type === 'File' || entry.type === 'OldFile') return writeFile(parts, entry);
      if (isFolder) makeFolder(parts);
      else if (entry.type === 'SymbolicLink') {
        makeFolder(parts.slice(0, -1));
        links.add({ parts, target: entry.linkpath ?? '' });
      } else throw strange(entry);
      entry.resume();
    },
    close() {
      if (open !== undefined) closeSync(open);
      open = undefined;
    },
    get files() {
      return files;
    },
    omissions,
  };
}

/** A device, a pipe, a second name of a file: nothing that Git keeps. */
export const strange = ({ path, type }: Pick<ReadEntry, 'path' | 'type'>): CheckoutError =>
  new CheckoutError(
    `The archive holds ${shownName(path)}, a ${type}: no forge makes such archives`,
  );

function writeAll(file: number, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}
