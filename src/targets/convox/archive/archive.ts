import { realpathSync, statSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { ArchiveError, codeOf } from './archive-error.ts';
import { type ByteText, bytesOf, pathOf, shown } from './byte-text.ts';
import { createGzip, type Gzip } from './gzip.ts';
import { ignoreOf } from './ignore.ts';
import { createLeftOut } from './left-out.ts';
import { createSpool } from './spool.ts';
import { endOf, packFile, packFolder } from './tar.ts';
import { walk } from './walk.ts';

export { ArchiveError } from './archive-error.ts';
export { type Ignore, isIgnored, readIgnore } from './ignore.ts';

/** A tree as the rack's builder takes it: tar in gzip. */
export type Archive = {
  /** Packed. */
  readonly bytes: number;
  readonly files: number;
  readonly sourceBytes: number;
  /** From its start, anew for each try of the upload. */
  open(): AsyncIterable<Uint8Array>;
  remove(): Promise<void>;
};

export type ArchiveOptions = {
  readonly root: string;
  /** Folders for the temporary file; the first that takes it is used. */
  readonly scratch: readonly string[];
  readonly signal: AbortSignal;
  warn(text: string): void;
  /** How much of the tree is packed, now and then. */
  progress?(files: number, bytes: number): void;
};

/**
 * Packs what `.dockerignore` leaves of a tree. Rejects with an ArchiveError where the tree cannot be packed as it is, and
 * with the signal's reason when that aborts.
 */
export async function packTree(options: ArchiveOptions): Promise<Archive> {
  const { signal } = options;
  signal.throwIfAborted();
  const root = rootOf(options.root);
  const spool = await createSpool(options.scratch);
  const gzip = createGzip(spool.write);
  try {
    const { files, sourceBytes } = await pack(root, gzip, options);
    const { bytes, open, remove } = spool;
    return { bytes, files, sourceBytes, open, remove };
  } catch (error) {
    await gzip.close();
    await spool.remove();
    throw error;
  } finally {
    await gzip.close();
  }
}

type Counts = { readonly files: number; readonly sourceBytes: number };

// Between these the process hears its signals, and whatever else it does goes on.
const entriesAtOnce = 64;

async function pack(root: ByteText, gzip: Gzip, options: ArchiveOptions): Promise<Counts> {
  const { signal, warn, progress } = options;
  const leftOut = createLeftOut();
  let files = 0;
  let sourceBytes = 0;
  let seen = 0;
  for (const found of walk({ root, ignore: ignoreOf(root), leftOut: leftOut.add })) {
    seen += 1;
    if (seen % entriesAtOnce === 0) {
      await turn();
      progress?.(files, sourceBytes);
    }
    signal.throwIfAborted();
    if (found?.isFolder) await packFolder(gzip, found);
    else if (found) {
      sourceBytes += await packFile(gzip, found, signal);
      files += 1;
    }
  }
  await gzip.put(endOf());
  await gzip.end();
  signal.throwIfAborted();
  leftOut.tell(warn);
  return { files, sourceBytes };
}

function rootOf(folder: string): ByteText {
  try {
    const root = realpathSync.native(folder, { encoding: 'latin1' });
    if (statSync(pathOf(root)).isDirectory()) return root;
  } catch (error) {
    throw new ArchiveError(`${shown(bytesOf(folder))} cannot be packed (${codeOf(error)})`, {
      cause: error,
    });
  }
  throw new ArchiveError(`${shown(bytesOf(folder))} cannot be packed: it is not a folder`);
}
