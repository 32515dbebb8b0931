import { lstatSync, type Stats } from 'node:fs';
import { CheckoutError } from '../../errors.ts';
import { shownName } from './shown.ts';

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Does something to the disk for one name of the tree; what goes wrong is said of that name. */
export function onDisk<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw diskError(name, error);
  }
}

export function diskError(name: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof CheckoutError) return error;
  return new CheckoutError(`The tree cannot be written: ${reasonOf(name, code)}`);
}

function reasonOf(name: string, code: string): string {
  if (full.has(code)) {
    return `the disk is full (${code}); give the run more room, or another place by TMPDIR`;
  }
  // On a disk that does not tell them apart, two names that differ in case only are one.
  if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') {
    return `${shownName(name)} is there twice, or is the same as another name to this file system`;
  }
  if (code === 'ENAMETOOLONG')
    return `the name ${shownName(name)} is too long for this file system`;
  return `${shownName(name)} cannot be written (${code})`;
}

/** What stands there, without following it; undefined: nothing. */
export const statOf = (path: string): Stats | undefined =>
  lstatSync(path, { throwIfNoEntry: false });
