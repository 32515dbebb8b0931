import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

// Without O_NONBLOCK a FIFO that nobody reads would hold the run for ever.
const { O_WRONLY, O_APPEND, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;

/** Adds whole lines to a file that others write too. When it fails, what was there is left as it was. */
export async function appendLines(path: string, text: string): Promise<void> {
  const handle = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o644);
  try {
    const { size, ...found } = await regular(await handle.stat());
    const glue = size > 0 && (await lastByte(path, size)) !== '\n' ? '\n' : '';
    try {
      await handle.writeFile(glue + text);
    } catch (error) {
      // Half a line makes parsers reject the whole file.
      if (found.isFile) await handle.truncate(size).catch(() => {});
      throw error;
    }
  } finally {
    await handle.close();
  }
}

const regular = (info: { isFile(): boolean; size: number }) =>
  info.isFile() ? { isFile: true, size: info.size } : { isFile: false, size: 0 };

async function lastByte(path: string, size: number): Promise<string | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
      return buffer.toString('latin1');
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Puts a whole new content in place, so that no reader ever sees half of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const real = await realpath(path).catch(() => path);
  const info = await stat(real).catch(() => undefined);
  // A rename over /dev/stdout would put a plain file where the device was.
  if (info && !info.isFile()) return await overwrite(real, text, O_CREAT);
  const draft = join(dirname(real), `.${basename(real)}.${randomUUID()}`);
  try {
    await writeFile(draft, text, { flag: 'wx', mode: info ? info.mode & 0o777 : 0o644 });
    await rename(draft, real);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    // Where there is no room, a direct write would lose the old content too.
    if (noRoom.includes(codeOf(error))) throw error;
    // A file mounted by itself, or a folder that is not ours to write in: the file itself may be.
    await overwrite(real, text, O_CREAT);
  }
}

/** Writes into a file only if it is there. */
export const overwriteExisting = (path: string, text: string): Promise<void> =>
  overwrite(path, text, 0);

async function overwrite(path: string, text: string, create: number): Promise<void> {
  const handle = await open(path, O_WRONLY | O_TRUNC | O_NONBLOCK | create, 0o644);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | null)?.code ?? String(error);
const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'];

const reasons: Readonly<Record<string, readonly [why: string, cure: string]>> = {
  ENOSPC: ['the disk is full', 'free space on that volume'],
  EDQUOT: ['the disk quota is used up', 'free space on that volume'],
  EROFS: ['the file system is read-only', 'name a file on a writable volume'],
  EACCES: ['permission denied', "let the container's user write there, or run the step as root"],
  EPERM: ['permission denied', "let the container's user write there, or run the step as root"],
  ENOENT: ['its folder does not exist', 'create the folder, or mount it into the container'],
  ENOTDIR: ['its folder is a file', 'name a file in a folder'],
  EISDIR: ['it is a folder', 'name a file'],
  ENXIO: ['nobody reads that pipe', 'name a file'],
};

/** Why a write failed and what to do, as two clauses. */
export function explainWrite(error: unknown): { readonly why: string; readonly cure: string } {
  const code = codeOf(error);
  const [why, cure] = reasons[code] ?? ['the write failed', 'look at that path in the container'];
  return { why: `${why} (${code})`, cure };
}
