import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { StoreError } from '../errors.ts';
import { faultOf, isBusy } from './faults.ts';
import { createPrivate } from './private.ts';

const waitMs = 10_000;
const lookMs = 100;

/**
 * One process at a time in one folder. SQLite locks a file of its own by fcntl, and the kernel drops that with the
 * process, however it dies; there is no process id in it, which in two containers may be the same.
 */
export async function lockFolder(folder: string, clock: Clock): Promise<() => void> {
  const file = path.join(folder, 'slipway.lock');
  createPrivate(file);
  for (let waited = 0; ; waited += lookMs) {
    const unlock = tryLock(file);
    if (unlock) return unlock;
    if (waited >= waitMs) {
      throw new StoreError(
        'locked',
        `another process uses data_dir ${folder}: stop it, or give each its own data_dir, or share a database_url`,
      );
    }
    await clock.pause(lookMs);
  }
}

function tryLock(file: string): (() => void) | undefined {
  const holder = new DatabaseSync(file, { open: false });
  try {
    holder.open();
    holder.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    return () => holder.close();
  } catch (error) {
    if (holder.isOpen) holder.close();
    if (isBusy(error)) return undefined;
    throw faultOf(error, file);
  }
}
