import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { corrupt, unusable } from './faults.ts';

/** `SLIP`, in the file's header: https://sqlite.org/fileformat.html */
export const applicationId = 0x534c_4950;
const headerBytes = 100;

/**
 * Reads the header before SQLite does, which may write to what it opens: a file that is not ours stays as it is. No
 * connection of ours may be open yet, for closing a file drops its locks of the whole process.
 */
export function inspect(file: string): 'absent' | 'ours' {
  if (!existsSync(file)) return 'absent';
  const size = statSync(file).size;
  const hasLog = existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;
  // Killed between creating and writing it.
  if (size === 0) return 'absent';
  const header = readHeader(file);
  if (header.length < headerBytes || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw foreign(file, 'is not a SQLite database');
  }
  if (header.readUInt32BE(68) !== applicationId) throw foreign(file, 'belongs to another program');
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  // What is not in the file yet may be in its log.
  if (!hasLog && size < header.readUInt32BE(28) * pageBytes) throw corrupt(file);
  return 'ours';
}

/** Another user's, or no file at all. */
function readHeader(file: string): Buffer {
  try {
    const header = Buffer.alloc(headerBytes);
    const handle = openSync(file, 'r');
    try {
      return header.subarray(0, readSync(handle, header, 0, headerBytes, 0));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw unusable(file, error as Error);
  }
}

const foreign = (file: string, why: string): StoreError =>
  new StoreError(
    'foreign',
    `${file} ${why}: it was left as it is; set another data_dir, or move it away`,
  );
