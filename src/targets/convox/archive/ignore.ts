import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { ArchiveError, codeOf } from './archive-error.ts';
import { type ByteText, bytesOf, clean, join, pathOf, textOf } from './byte-text.ts';
import { type Pattern, readPatterns } from './patterns.ts';

/** What the `.dockerignore` of a tree says. */
export type Ignore = readonly Pattern[];

/** Which patterns take what lies in a folder, because of the folder. */
export type Scope = { readonly depth: number; readonly taking: readonly boolean[] };

/** More than anybody writes, and each pattern is asked about each file. */
const largest = 2 ** 20;

export const top: Scope = { depth: 0, taking: [] };

/** Throws an ArchiveError for a file that cannot be read, or a pattern that is none. */
export function readIgnore(root: string): Ignore {
  return ignoreOf(bytesOf(root));
}

export function ignoreOf(root: ByteText): Ignore {
  try {
    return readPatterns(textOfFile(insideOf(root)));
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    if (codeOf(error) === 'ENOENT') return [];
    throw new ArchiveError(`.dockerignore cannot be read (${codeOf(error)})`, { cause: error });
  }
}

/** Where the file is, which may be a link of the tree's own. */
function insideOf(root: ByteText): ByteText {
  const real = (path: ByteText): ByteText =>
    realpathSync.native(pathOf(path), { encoding: 'latin1' });
  const [top, file] = [real(root), real(join(root, '.dockerignore'))];
  if (file.startsWith(top === '/' ? top : `${top}/`)) return file;
  throw new ArchiveError('.dockerignore cannot be read: it is a link that leads out of the tree');
}

/** Of a file, and nothing that waits for a writer or never ends. */
function textOfFile(path: ByteText): string {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  const file = openSync(pathOf(path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) throw new ArchiveError('.dockerignore cannot be read (EISDIR)');
    if (!stats.isFile()) throw new ArchiveError('.dockerignore cannot be read: it is no file');
    if (stats.size > largest) {
      throw new ArchiveError('.dockerignore cannot be read: it is larger than 1 MiB');
    }
    const bytes = Buffer.alloc(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.toString('latin1', 0, length);
  } finally {
    closeSync(file);
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
