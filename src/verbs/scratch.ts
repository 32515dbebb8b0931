import { mkdirSync, rmSync } from 'node:fs';

/**
 * Where runs of the server keep trees and outputs while they last: below data_dir, so that nothing else need be
 * writable. Where the folder cannot be made, as beside PostgreSQL on a read-only root, they look for a place themselves.
 */
export function makeScratch(folder: string, isOurs: boolean): void {
  try {
    // With the store's lock held, what is there was left by a server that was killed.
    if (isOurs) rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Whoever needs it says what is missing.
  }
}
