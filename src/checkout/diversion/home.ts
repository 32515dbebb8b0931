import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { CheckoutError, messageOf, SettingsError } from '../../errors.ts';
import { onDisk, statOf } from '../tree/disk.ts';
import { createFolder } from '../tree/folder.ts';

/** Where a tree is, and what Slipway keeps beside it. */
export type Home = {
  readonly tree: string;
  /** Beside the tree, on the same disk, and nobody deploys it. */
  readonly beside: string;
  /** It may hold an earlier tree, and stays. */
  readonly lasts: boolean;
  /** Removes what does not last. Rejects when something stays behind. */
  leave(): Promise<void>;
};

export type Wanted = {
  /** Folder that lasts, as it was written. */
  readonly path: string | undefined;
  /** Setting that names it. */
  readonly setting: string;
  readonly cwd: string;
  readonly scratch: readonly string[];
  /** Of a folder that does not last: the name that a clone would have. */
  readonly name: string;
};

export async function makeHome({ path, ...wanted }: Wanted): Promise<Home> {
  if (path !== undefined) return keptHome(resolve(wanted.cwd, path), wanted.cwd, wanted.setting);
  const folder = createFolder(wanted.scratch, wanted.name);
  const tree = await folder.fresh();
  const beside = besideOf(tree);
  onDisk(beside, () => mkdirSync(beside));
  return { tree, beside, lasts: false, leave: () => folder.remove() };
}

/** Throws a SettingsError for a folder that cannot be the tree's alone. */
export function demandPath(path: string | undefined, cwd: string, setting: string): void {
  if (path === undefined) return;
  if (holds(resolve(cwd, path), cwd)) throw new SettingsError([{ name: setting, message: alone }]);
}

const alone = 'must be a folder of its own, such as src, and not one that everything else is in';

function holds(folder: string, other: string): boolean {
  const way = relative(folder, other);
  return way === '' || way.split(sep).every((step) => step !== '..');
}

function keptHome(place: string, cwd: string, setting: string): Home {
  const refuse = (why: string): never => {
    throw new CheckoutError(`${setting} is ${place}, ${why}`);
  };
  const tree = made(place, refuse);
  // Through links, too, it may be the folder that everything else is in.
  if (holds(tree, realpathSync(cwd))) refuse(`which leads to ${tree}: ${alone}`);
  const beside = besideOf(tree);
  const found = onDisk(beside, () => statOf(beside));
  if (found && !found.isDirectory()) {
    refuse(`and beside it is ${beside}, which must be a folder of Slipway's: remove it`);
  }
  if (!found && readdirSync(tree).length > 0) {
    refuse(
      'which holds files that Slipway has not put there: name a new folder, or empty this one',
    );
  }
  onDisk(beside, () => mkdirSync(beside, { recursive: true }));
  if (statSync(tree).dev !== statSync(beside).dev) {
    refuse('a disk of its own: name a folder on it');
  }
  return { tree, beside, lasts: true, leave: async () => {} };
}

/** The folder, made where it is not there, as it is through no link, whoever has put one there. */
function made(place: string, refuse: (why: string) => never): string {
  try {
    makeFolder(place);
    if (statSync(place).isDirectory()) return realpathSync(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENAMETOOLONG') refuse('whose name is too long for this file system');
    if (code !== 'ENOTDIR' && code !== 'EEXIST') {
      refuse(`which cannot be made (${code ?? messageOf(error)}): name another folder`);
    }
  }
  return refuse('which is a file, or below one: name a folder');
}

/** Node's own, with `recursive`, never ends where a folder that is there takes none. */
function makeFolder(place: string): void {
  try {
    mkdirSync(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(place))) throw error;
    makeFolder(dirname(place));
    mkdirSync(place);
  }
}

const besideOf = (tree: string): string => join(dirname(tree), `.${basename(tree)}.slipway`);

/** Half files of a run that was killed. */
export function emptyParts(beside: string): string {
  const parts = join(beside, 'parts');
  onDisk(parts, () => {
    rmSync(parts, { recursive: true, force: true });
    mkdirSync(parts);
  });
  return parts;
}
