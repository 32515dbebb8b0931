import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CheckoutError, RemoteError } from '../../errors.ts';
import type { Way } from '../../forges/diversion/blob.ts';
import type { Blob } from '../../forges/diversion/entries.ts';
import { diskError, onDisk } from '../tree/disk.ts';
import { shownName } from '../tree/shown.ts';

type Bytes = AsyncIterable<Uint8Array>;

export type Receiving = {
  readonly digest: 'sha1' | 'md5';
  /** Where the bytes go; there is nothing of worth there before. */
  readonly file: string;
  /** The mode that it is made with. */
  readonly mode: number;
  readonly signal: AbortSignal;
  /** Called with every piece that came over the network. */
  count(bytes: number): void;
  /** Called after every piece, however it came. */
  sweep(): void;
};

/** Fetches one file and proves it. Resolves when its very bytes are in `file`. */
export async function receive(
  blob: Blob,
  ways: readonly Way[],
  receiving: Receiving,
): Promise<void> {
  const { file, signal, digest } = receiving;
  demandHash(blob, digest);
  let failure: unknown;
  for (const way of ways) {
    try {
      const hash = await way((bytes) => write(blob, bytes, receiving), signal);
      if (hash === blob.hash || (await unpack(blob, receiving))) return;
      failure = wrong(blob, digest);
    } catch (error) {
      // What is stale or out of reach one way may be had another way.
      if (!(error instanceof RemoteError) || signal.aborted) throw error;
      failure = error;
    }
  }
  rmSync(file, { force: true });
  throw failure;
}

/** Hash of the bytes as they came. */
async function write(
  blob: Blob,
  bytes: Bytes,
  { file, digest, mode, count, sweep }: Receiving,
): Promise<string> {
  const hash = createHash(digest);
  const open = onDisk(blob.path, () => openSync(file, 'w', mode));
  try {
    for await (const piece of bytes) {
      hash.update(piece);
      onDisk(blob.path, () => writeAll(open, piece));
      count(piece.length);
      sweep();
    }
  } finally {
    closeSync(open);
  }
  return hash.digest('hex');
}

/**
 * Some are kept packed, and nothing that comes with them is to be relied on: a file of the tree may be a gzip itself.
 * The hash decides.
 */
async function unpack(blob: Blob, receiving: Receiving): Promise<boolean> {
  const { file, signal } = receiving;
  if (!startsAsGzip(file)) return false;
  const plain = { ...receiving, file: `${file}.plain`, count: () => {} };
  let hash = '';
  try {
    await pipeline(
      createReadStream(file),
      createGunzip(),
      async (unpacked: Bytes) => {
        hash = await write(blob, bounded(blob, unpacked, receiving), plain);
      },
      { signal },
    );
  } catch (error) {
    rmSync(plain.file, { force: true });
    if (isOfZlib(error) || error instanceof RemoteError) return false;
    throw diskError(blob.path, error);
  }
  onDisk(blob.path, () => renameSync(plain.file, file));
  return hash === blob.hash;
}

function startsAsGzip(file: string): boolean {
  const open = openSync(file, 'r');
  const head = Buffer.alloc(2);
  const read = readSync(open, head, 0, 2, 0);
  closeSync(open);
  return read === 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/** A few bytes may unpack to any number of them. */
async function* bounded(
  blob: Blob,
  unpacked: Bytes,
  { digest }: Receiving,
): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const piece of unpacked) {
    passed += piece.length;
    if (passed > blob.bytes) throw wrong(blob, digest);
    yield piece;
  }
}

const isOfZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

const shapes = { sha1: /^[0-9a-f]{40}$/, md5: /^[0-9a-f]{32}$/ };
const names = { sha1: 'SHA-1', md5: 'MD5' };

/** What cannot be proved is not deployed. */
function demandHash({ path, hash }: Blob, digest: Receiving['digest']): void {
  if (shapes[digest].test(hash)) return;
  throw new CheckoutError(
    `${shownName(path)} cannot be verified: Diversion names no ${names[digest]} for it`,
  );
}

const wrong = ({ path, bytes }: Blob, digest: Receiving['digest']): RemoteError =>
  new RemoteError(
    `${shownName(path)} (${bytes} bytes) is not what Diversion says it is: its ${names[digest]} differs`,
    { kind: 'refused' },
  );

function writeAll(file: number, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}
