import { randomBytes } from 'node:crypto';
import { constants, writevSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError, codeOf } from './archive-error.ts';

/** Bytes that come once and are read as often as one likes: in memory while they are few, else in a file. */
export type Spool = {
  readonly bytes: number;
  /** The pieces are no longer needed once it resolves. */
  write(pieces: readonly Uint8Array[]): Promise<void>;
  /** From the start. The memory of a piece is used again once the next one is asked for. */
  open(): AsyncIterable<Uint8Array>;
  remove(): Promise<void>;
};

const mostInMemory = 4 * 1024 * 1024;
const readBytes = 256 * 1024;

/** The file is there before anything is written, so that a walk through its folder does not come across it. */
export async function createSpool(
  folders: readonly string[],
  make: (folders: readonly string[]) => Promise<Temporary | ArchiveError> = openTemporary,
): Promise<Spool> {
  const temporary = await make(folders);
  let kept: Uint8Array[] = [];
  let isInFile = false;
  let bytes = 0;
  let isRemoved = false;

  async function keep(pieces: readonly Uint8Array[], more: number): Promise<void> {
    if (!isInFile && bytes + more <= mostInMemory) {
      kept.push(...pieces.map((piece) => new Uint8Array(piece)));
      return;
    }
    if (temporary instanceof ArchiveError) throw temporary;
    if (!isInFile) writeAll(temporary, kept, 0);
    isInFile = true;
    kept = [];
    writeAll(temporary, pieces, bytes);
  }
  return {
    get bytes() {
      return bytes;
    },
    write: async (pieces) => {
      const more = lengthOf(pieces);
      await keep(pieces, more);
      bytes += more;
    },
    open: () => {
      if (isRemoved) throw new Error('the archive is read after its removal');
      const isFile = isInFile && !(temporary instanceof ArchiveError);
      return isFile ? piecesOf(temporary.file, bytes) : each(kept);
    },
    remove: async () => {
      isRemoved = true;
      kept = [];
      if (!(temporary instanceof ArchiveError)) await temporary.file.close();
    },
  };
}

const lengthOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

/** Synchronously: through the thread pool each write would wait behind the pieces that are being packed there. */
function writeAll({ file, folder }: Temporary, pieces: readonly Uint8Array[], from: number): void {
  let at = from;
  let rest = pieces;
  try {
    while (lengthOf(rest) > 0) {
      // A disk that is nearly full takes less than it was given, and says why at the next try.
      const bytesWritten = writevSync(file.fd, rest, at);
      at += bytesWritten;
      rest = bytesWritten === lengthOf(rest) ? [] : [Buffer.concat(rest).subarray(bytesWritten)];
    }
  } catch (error) {
    throw unwritable(folder, at, error);
  }
}

/** In one buffer: a new one for each piece would leave tens of megabytes for the collector, which does not hurry. */
async function* piecesOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(readBytes, size - at), at);
    if (bytesRead === 0) throw new ArchiveError('the temporary file of the archive lost its end');
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

export type Temporary = { readonly file: FileHandle; readonly folder: string };

/** In the first folder that takes it; an error for later where none does, for few bytes need none. It loses its name at once: whatever ends the process, nothing is left behind. */
async function openTemporary(folders: readonly string[]): Promise<Temporary | ArchiveError> {
  const refusals: string[] = [];
  for (const folder of folders) {
    const path = join(folder, `slipway-${randomBytes(12).toString('hex')}.tgz`);
    try {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      await unlink(path);
      return { file, folder };
    } catch (error) {
      refusals.push(`${folder} (${codeOf(error)})`);
    }
  }
  return new ArchiveError(
    `the archive needs a folder for a temporary file, and none takes it: ${refusals.join(', ')}`,
  );
}

const isFull = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function unwritable(folder: string, bytes: number, error: unknown): ArchiveError {
  const code = codeOf(error);
  const why = isFull.has(code)
    ? `${folder} has no room for more than ${Math.floor(bytes / 1e6)} MB of the archive (${code}): give it more, or leave more out in .dockerignore`
    : `the archive cannot be written to ${folder} (${code})`;
  return new ArchiveError(why, { cause: error });
}
