import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A place for folders by name, that is gone afterwards. */
export async function inFolder<T>(
  play: (folder: (name: string) => string) => Promise<T>,
): Promise<T> {
  const place = mkdtempSync(path.join(tmpdir(), 'slipway-chaos-'));
  const folder = (name: string): string => {
    const made = path.join(place, name);
    mkdirSync(made);
    return made;
  };
  try {
    return await play(folder);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
