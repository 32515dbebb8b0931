import { type ByteText, shown } from './byte-text.ts';

/** The tree cannot be packed as it is, or its archive cannot be kept. For people: says which file, and what to do. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** What the system says of a file: `ENOENT`, `EACCES`, … */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';

export function unreadable(name: ByteText, error: unknown): ArchiveError {
  const code = codeOf(error);
  if (code === 'ENOENT') return unsteady(name, 'vanished', error);
  return new ArchiveError(
    `${shown(name)} cannot be read (${code}): change that, or name it in .dockerignore`,
    { cause: error },
  );
}

/** Somebody else works in the tree. What was read of the file is of no one state. */
export const unsteady = (name: ByteText, what: string, cause?: unknown): ArchiveError =>
  new ArchiveError(
    `${shown(name)} ${what} while the tree was packed: deploy when nothing writes to it, or name it in .dockerignore`,
    { cause },
  );
