import { StoreError } from '../errors.ts';

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const codes = {
  busy: 5,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
} as const;

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;

export const isBusy = (error: unknown): boolean => codeOf(error) === codes.busy;

/** What the operator can do about it; other errors are bugs of ours and stay as they are. */
export function faultOf(error: unknown, file: string): unknown {
  switch (codeOf(error)) {
    case codes.full:
      return new StoreError(
        'full',
        `no space left for ${file}: free some, nothing else is to be done`,
        error,
      );
    case codes.corrupt:
    case codes.notadb:
      return corrupt(file, error);
    case codes.busy:
    case codes.readonly:
    case codes.ioerr:
    case codes.cantopen:
      return unusable(file, error as Error);
    default:
      return error;
  }
}

export const unusable = (file: string, cause: Error): StoreError =>
  new StoreError(
    'unavailable',
    `${file} cannot be used: ${cause.message}; look at data_dir, its disk and its owner`,
    cause,
  );

export const corrupt = (file: string, cause?: unknown): StoreError =>
  new StoreError(
    'corrupt',
    `${file} is damaged: put a backup in its place, or move it away to start empty`,
    cause,
  );
