import { readFileSync } from 'node:fs';
import { ArchiveError, codeOf } from './archive-error.ts';
import { type ByteText, bytesOf, clean, join, pathOf, textOf } from './byte-text.ts';
import { type Pattern, readPatterns } from './patterns.ts';

/** What the `.dockerignore` of a tree says. */
export type Ignore = readonly Pattern[];

/** Which patterns take what lies in a folder, because of the folder. */
export type Scope = { readonly depth: number; readonly taking: readonly boolean[] };

export const top: Scope = { depth: 0, taking: [] };

/** Throws an ArchiveError for a file that cannot be read, or a pattern that is none. */
export function readIgnore(root: string): Ignore {
  return ignoreOf(bytesOf(root));
}

export function ignoreOf(root: ByteText): Ignore {
  try {
    return readPatterns(readFileSync(pathOf(join(root, '.dockerignore')), 'latin1'));
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    if (codeOf(error) === 'ENOENT') return [];
    throw new ArchiveError(`.dockerignore cannot be read (${codeOf(error)})`, { cause: error });
  }
}

/** Whether the archive leaves out this file of the tree, such as `config/convox.yml`. */
export function isIgnored(ignore: Ignore, file: string): boolean {
  return isLeftOut(ignore, clean(bytesOf(file)));
}

/** The same for a path as the file system has it; the walk's way to it is gone from the top. */
export function isLeftOut(ignore: Ignore, path: ByteText): boolean {
  const names = path.split('/');
  let scope = top;
  let folder = '';
  for (const name of names.slice(0, -1)) {
    folder = join(folder, name);
    if (matches(ignore, folder, scope) && !mayHold(ignore, folder)) return true;
    scope = enter(ignore, folder, scope);
  }
  return matches(ignore, path, scope);
}

/** The last pattern that takes the path, or a folder above it, decides. */
export function matches(ignore: Ignore, path: ByteText, { taking }: Scope): boolean {
  const text = textOf(path);
  const last = ignore.findLast(({ matcher }, index) => taking[index] || matcher.test(text));
  return last !== undefined && !last.isException;
}

/** Whether an exception names something below the folder; patterns such as `**` do not count, whatever they match. */
export const mayHold = (ignore: Ignore, folder: ByteText): boolean =>
  ignore.some(({ isException, path }) => isException && `${path}/`.startsWith(`${folder}/`));

/** A pattern is asked about the one folder above a file that is as deep as itself, and no other. */
export function enter(ignore: Ignore, folder: ByteText, { depth, taking }: Scope): Scope {
  const text = textOf(folder);
  return {
    depth: depth + 1,
    taking: ignore.map(
      (pattern, index) =>
        taking[index] === true || (pattern.depth === depth + 1 && pattern.matcher.test(text)),
    ),
  };
}
