import { mkdtempSync, rm } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A folder that nobody else may enter, for as long as the command runs. */
export type Scratch = { readonly folder: string; remove(): Promise<void> };

/** In the first of the candidates that can be written: a read-only root often has only one. */
export function createScratch(candidates: readonly string[]): Scratch | undefined {
  for (const candidate of candidates) {
    try {
      const folder = mkdtempSync(join(candidate, 'slipway-'));
      // The command may have put a folder there that cannot be removed; that is no reason to fail.
      const remove = (): Promise<void> =>
        promisify(rm)(folder, { recursive: true, force: true }).catch(() => {});
      return { folder, remove };
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}
