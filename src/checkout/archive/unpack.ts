import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser } from 'tar/parse';
import type { ReadEntry } from 'tar/read-entry';
import { CheckoutError, RemoteError } from '../../errors.ts';
import { createLinks, outsideWarning } from '../tree/links.ts';
import { createWriter, strange, type Writer } from './writer.ts';

export type Unpacking = {
  /** An empty folder that nobody else can enter. */
  readonly root: string;
  /** Commit that the archive must be of. */
  readonly commit: string;
  /** Most bytes of the unpacked archive. */
  readonly most: number;
  readonly signal: AbortSignal;
};

export type Unpacked = {
  readonly files: number;
  /** Of the archive, unpacked. */
  readonly bytes: number;
  /** What a person must know of what is not there. */
  readonly warnings: readonly string[];
};

/** More than any path or link needs. */
const largestHeader = 256 * 1024;
const block = 512;

/** Unpacks a gzipped tar as it comes. Of what it is given it believes nothing. */
export async function unpack(
  gzip: AsyncIterable<Uint8Array>,
  { root, commit, most, signal }: Unpacking,
): Promise<Unpacked> {
  const links = createLinks();
  const writer = createWriter(root, links);
  const parser = createParser(writer, commit);
  let bytes = 0;
  const read = async (tar: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of aligned(tar)) {
      if (signal.aborted) throw interrupted();
      bytes += piece.length;
      if (bytes > most) throw tooLarge(most);
      parser.write(piece);
    }
    parser.end();
  };
  try {
    await pipeline(gzip, createGunzip(), read);
  } catch (error) {
    throw isOfZlib(error) ? damaged() : error;
  } finally {
    writer.close();
  }
  if (writer.files === 0) throw new CheckoutError('The archive holds no file');
  const outside = await links.make(root, signal);
  return {
    files: writer.files,
    bytes,
    warnings: [...writer.omissions.lines(), ...outsideWarning(outside)],
  };
}

type Sink = { write(piece: Uint8Array): void; end(): void };

function createParser(writer: Writer, commit: string): Sink {
  const parser = new Parser({ maxMetaEntrySize: largestHeader, brotli: false, zstd: false });
  let isWhole = false;
  let isKnown = false;
  const compare = ({ globalExtended }: ReadEntry): void => {
    const named = globalExtended?.comment;
    isKnown = true;
    // Git writes the commit there; whatever else stands there says nothing.
    if (!named || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(named) || named === commit) return;
    throw new CheckoutError(`The archive is of commit ${named}, and not of ${commit}`);
  };
  parser.on('entry', (entry: ReadEntry) => {
    if (!isKnown) compare(entry);
    writer.take(entry);
  });
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    throw strange(entry);
  });
  parser.on('warn', () => {
    throw damaged();
  });
  parser.on('eof', () => {
    isWhole = true;
  });
  return {
    write: (piece) => void parser.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length)),
    end() {
      parser.end();
      if (!isWhole) throw damaged();
    },
  };
}

/** The parser decodes a long name piece by piece, so no piece may end inside of one that fits a block. */
async function* aligned(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let isFirst = true;
  for await (const piece of tar) {
    const all = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const whole = all.length - (all.length % block);
    rest = all.subarray(whole);
    if (whole === 0) continue;
    // The parser would unpack that too, past all limits.
    if (isFirst && all[0] === 0x1f && all[1] === 0x8b) throw damaged();
    isFirst = false;
    yield all.subarray(0, whole);
  }
  if (rest.length > 0) yield rest;
}

const isOfZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

/** It may have been cut on its way, so it is worth another try. */
const damaged = (): RemoteError =>
  new RemoteError('The archive is damaged, or was cut short on its way', { kind: 'unavailable' });

const interrupted = (): RemoteError =>
  new RemoteError('The archive was interrupted', { kind: 'unavailable' });

const tooLarge = (most: number): CheckoutError => {
  const limit = Math.floor(most / 1024 / 1024);
  return new CheckoutError(
    `The archive is larger than ${limit} MiB when unpacked: if that is right, raise checkout_limit`,
  );
};
