import { chmodSync, closeSync, fchmodSync, openSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../../log.ts';

const ofOthers = 0o077;

/** Before SQLite opens it: what SQLite adds beside a file has the same mode, whatever the umask. */
export function createPrivate(file: string): void {
  try {
    const handle = openSync(file, 'wx', 0o600);
    fchmodSync(handle, 0o600);
    closeSync(handle);
  } catch {
    // It is there, or SQLite says in a moment why it cannot be.
  }
}

/** Takes from others what an older version or a copy in its place has left to them. */
export function makePrivate(folder: string, log: Log): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if (!name.startsWith('slipway.') || (mode & ofOthers) === 0) continue;
    try {
      chmodSync(file, mode & 0o700);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      log.warn(
        `${file} is open to other users, and that cannot be changed (${code}): give it to the user of the server, or take it from them by chmod 600`,
      );
    }
  }
}
