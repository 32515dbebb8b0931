import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { CheckoutError, SettingsError } from '../../errors.ts';
import { onDisk } from '../tree/disk.ts';
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
  if (path !== undefined) return keptHome(resolve(wanted.cwd, path), wanted.setting);
  const folder = createFolder(wanted.scratch, wanted.name);
  const tree = await folder.fresh();
  const beside = besideOf(tree);
  onDisk(beside, () => mkdirSync(beside));
  return { tree, beside, lasts: false, leave: () => folder.remove() };
}

/** Throws a SettingsError for a folder that cannot be the tree's alone. */
export function demandPath(path: string | undefined, cwd: string, setting: string): void {
  if (path === undefined) return;
  const way = relative(resolve(cwd, path), cwd);
  const holdsCwd = way === '' || way.split(sep).every((step) => step !== '..');
  if (!holdsCwd) return;
  const message = `must be a folder of its own, such as src, and not one that everything else is in`;
  throw new SettingsError([{ name: setting, message }]);
}

function keptHome(place: string, setting: string): Home {
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new CheckoutError(`${setting} is ${place}, which is a file: name a folder`);
  }
  const tree = onDisk(place, () => {
    mkdirSync(place, { recursive: true });
    // Through no link, whoever has put one there.
    return realpathSync(place);
  });
  const beside = besideOf(tree);
  if (!existsSync(beside) && readdirSync(tree).length > 0) {
    throw new CheckoutError(
      `${setting} is ${place}, which holds files that Slipway has not put there: name a new folder, or empty this one`,
    );
  }
  onDisk(beside, () => mkdirSync(beside, { recursive: true }));
  if (statSync(tree).dev !== statSync(beside).dev) {
    throw new CheckoutError(`${setting} is ${place}, a disk of its own: name a folder on it`);
  }
  return { tree, beside, lasts: true, leave: async () => {} };
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
