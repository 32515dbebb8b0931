import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RemoteError } from '../../../errors.ts';
import { textsIn } from './texts.ts';

const folderIn = (home: string): string => join(home, '.diversion', 'credentials');

/** That it failed to sign in shows by this alone, for it may say nothing. */
export function demandCredentials(home: string): void {
  try {
    if (readdirSync(folderIn(home)).length > 0) return;
  } catch {
    // None, then.
  }
  const message =
    'dv authenticate left no credentials: diversion_token is wrong, expired or revoked';
  throw new RemoteError(message, { kind: 'credentials' });
}

/** Shorter words of what it keeps are names. */
const shortest = 16;

/** What it was given for the token: its messages may quote that as they quote the token. */
export const keptSecrets = (home: string): readonly string[] =>
  textsIn(folderIn(home))
    .split(/[^\w.~+/=-]+/)
    .filter((word) => word.length >= shortest);
