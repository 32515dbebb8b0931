import { type Dirent, readdirSync } from 'node:fs';
import { ArchiveError, unreadable } from './archive-error.ts';
import { type ByteText, join, pathOf, shown } from './byte-text.ts';
import { enter, isLeftOut, matches, mayHold, type Scope, top } from './ignore.ts';
import { behind, kindOf, type Folder as Named, type Place, type Tree } from './links.ts';

/** One thing for the archive, in the order of the walk: a folder comes before what is in it. */
export type Found = {
  readonly name: ByteText;
  readonly path: ByteText;
  readonly isFolder: boolean;
};

export type Walk = Tree & {
  /** Told of what is not packed, and what kind of thing it is: one of few, for a tree may have thousands. */
  readonly leftOut: (name: ByteText, kind: string) => void;
};

type Folder = Named & {
  readonly scope: Scope;
  readonly above: Folder | undefined;
  /** Whether it is in the archive already. */
  isTold: boolean;
};

// Links between folders can make a small tree as large as one likes.
const mostBehindLinks = 1_000_000;

/**
 * Goes the vendor's way through the tree. Where that leaves out a folder and keeps something in it, the folder is told
 * too, for the rack would make it with a mode of its own. The rack drops links: what they lead to stands in their place.
 * Gives nothing now and then, so that whoever walks can breathe where everything is left out.
 */
export function* walk(tree: Walk): Generator<Found | undefined> {
  let budget = mostBehindLinks;

  function* within(inside: Folder): Generator<Found | undefined> {
    yield undefined;
    for (const entry of list(join(tree.root, inside.real), inside.name)) {
      const name = join(inside.name, entry.name);
      const isOut = matches(tree.ignore, name, inside.scope);
      if (isOut && !(entry.isDirectory() && mayHold(tree.ignore, name))) continue;
      const place = placeOf(entry, name, inside);
      if (!place) continue;
      if (name !== place.real) spend(name);
      if (!isOut) {
        yield* untold(inside);
        yield { name, path: join(tree.root, place.real), isFolder: place.isFolder };
      }
      if (!place.isFolder) continue;
      const scope = enter(tree.ignore, name, inside.scope);
      yield* within({ name, real: place.real, scope, above: inside, isTold: !isOut });
    }
  }

  /** The folders from the top that were left out and are needed now. */
  function* untold(inside: Folder): Generator<Found | undefined> {
    if (inside.isTold) return;
    if (inside.above) yield* untold(inside.above);
    inside.isTold = true;
    yield { name: inside.name, path: join(tree.root, inside.real), isFolder: true };
  }

  function placeOf(entry: Dirent, name: ByteText, inside: Folder): Place | undefined {
    const real = join(inside.real, entry.name);
    // What the author keeps out under its own name must not come in under another.
    if (name !== real && isLeftOut(tree.ignore, real)) return undefined;
    if (entry.isFile()) return { real, isFolder: false };
    if (entry.isDirectory()) return { real, isFolder: true };
    const place = entry.isSymbolicLink() ? behind(real, inside, tree) : kindOf(entry);
    if (typeof place !== 'string') return place;
    tree.leftOut(name, place);
    return undefined;
  }

  function spend(name: ByteText): void {
    budget -= 1;
    if (budget >= 0) return;
    throw new ArchiveError(
      `${shown(name)}: symbolic links make more than a million entries of this tree; name some in .dockerignore`,
    );
  }

  yield* within({ name: '', real: '', scope: top, above: undefined, isTold: true });
}

function list(path: ByteText, name: ByteText): readonly Dirent[] {
  try {
    const entries = readdirSync(pathOf(path), { withFileTypes: true, encoding: 'latin1' });
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    throw unreadable(name || '.', error);
  }
}
