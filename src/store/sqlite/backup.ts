import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { faultOf } from './faults.ts';
import { inspect } from './inspect.ts';
import { fileName } from './open.ts';

/**
 * A copy of the store as it is at this moment, whole and in one file, while a server may be writing to it; its size in
 * bytes. To restore, stop the server and put the copy in place of `slipway.db`, with no `slipway.db-wal` beside it.
 */
export function backUp(folder: string, copy: string): number {
  const file = path.join(folder, fileName);
  if (inspect(file) === 'absent') {
    throw new StoreError('foreign', `${file} is not there: set data_dir as the server has it`);
  }
  if (existsSync(copy))
    throw new StoreError('foreign', `${copy} is there already: name a new file`);
  const part = `${copy}.part`;
  try {
    // SQLite writes into an empty file too: this one nobody else may read.
    const handle = openSync(part, 'wx', 0o600);
    try {
      fchmodSync(handle, 0o600);
      vacuum(file, part);
      // It does not do that itself, and a backup that is not on the disk is none.
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(part, copy);
  } catch (error) {
    throw isThere(error) ? left(part) : withoutPart(part, faultOf(error, copy), copy);
  }
  return statSync(copy).size;
}

function vacuum(file: string, part: string): void {
  const connection = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    connection.prepare('VACUUM INTO ?').run(part);
  } finally {
    connection.close();
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
const isThere = (error: unknown): boolean => codeOf(error) === 'EEXIST';
const left = (part: string): StoreError =>
  new StoreError('foreign', `${part} is there: another backup writes it, or left it; remove it`);

function withoutPart(part: string, error: unknown, copy: string): unknown {
  rmSync(part, { force: true });
  const isSystem = /^E[A-Z]+$/.test(codeOf(error));
  if (error instanceof StoreError || !isSystem) return error;
  return new StoreError('unavailable', `${copy} cannot be written (${codeOf(error)})`, error);
}
