import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { faultOf } from './faults.ts';
import { inspect } from './inspect.ts';
import { fileName } from './open.ts';

/**
 * A copy of the store as it is at this moment, whole and in one file, while a server may be writing to it. To restore,
 * stop the server and put the copy in place of `slipway.db`, with no `slipway.db-wal` beside it.
 */
export function backUp(folder: string, copy: string): void {
  const file = path.join(folder, fileName);
  if (inspect(file) === 'absent') {
    throw new StoreError('foreign', `${file} is not there: set data_dir as the server has it`);
  }
  if (existsSync(copy))
    throw new StoreError('foreign', `${copy} is there already: name a new file`);
  try {
    const connection = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
    try {
      connection.prepare('VACUUM INTO ?').run(copy);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw faultOf(error, copy);
  }
}
