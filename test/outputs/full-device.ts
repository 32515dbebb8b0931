import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file on a disk that is always full. Root gets a node of its own in `folder`: code that wrongly renames over a device
 * would otherwise put a plain file where the machine's /dev/full was. Anybody else cannot harm that one.
 */
export function fullDevice(folder: string): string {
  if (process.getuid?.() !== 0) return '/dev/full';
  const own = join(folder, 'full-device');
  spawnSync('mknod', ['-m', '666', own, 'c', '1', '7']);
  try {
    closeSync(openSync(own, 'r'));
    return own;
  } catch (cause) {
    throw new Error(
      `${folder} takes no device node, and root must not risk /dev/full: run the tests as another user`,
      { cause },
    );
  }
}
