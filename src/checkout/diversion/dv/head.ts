import { closeSync, openSync, readSync } from 'node:fs';

/** How a file begins, however long it is. */
export function headOf(path: string, most: number): string {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(most);
  const read = readSync(file, bytes, 0, most, 0);
  closeSync(file);
  return bytes.toString('utf8', 0, read);
}
