import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { walk } from '../../tree/walk.ts';

/** How a file begins and how it ends, where it is longer than that. */
export function textOf(path: string, most: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size <= most) return textAt(file, 0, most);
    const half = Math.floor(most / 2);
    return `${textAt(file, 0, half)}\n${textAt(file, size - half, half)}`;
  } finally {
    closeSync(file);
  }
}

function textAt(file: number, from: number, most: number): string {
  const bytes = Buffer.alloc(most);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, most, from));
}

const mostFiles = 1000;
const largestFile = 64 * 1024;

/** Names of what is in a folder, and what stands in its files: what the program keeps where is nowhere documented. */
export function textsIn(folder: string): string {
  const texts: string[] = [];
  try {
    for (const { path, item } of walk(folder)) {
      texts.push(item.name, item.isFile() ? textOf(path, largestFile) : '');
      if (texts.length > 2 * mostFiles) break;
    }
  } catch {
    // It has not come so far.
  }
  return texts.join('\n');
}
