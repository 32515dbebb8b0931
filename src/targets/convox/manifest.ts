import { realpath, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { ArchiveError } from './archive/archive-error.ts';
import { isIgnored, readIgnore } from './archive/ignore.ts';
import type { ConvoxValues, Found } from './settings.ts';

/** Without a manifest the build would fail a minute later, in words that help nobody. */
export async function faultOfSource(
  tree: string,
  { convoxDir, convoxManifest }: ConvoxValues,
): Promise<Found | undefined> {
  const root = resolve(tree, convoxDir);
  if (!(await isA('isDirectory', root))) {
    return [
      'convoxDir',
      `names no folder of the source tree: ${convoxDir}; check the checkout too`,
    ];
  }
  if (!(await isA('isFile', resolve(root, convoxManifest)))) {
    const where = convoxDir === '.' ? 'the source tree' : convoxDir;
    const cure = 'set it or convox_dir, or check the checkout';
    return ['convoxManifest', `names no file of ${where}: ${convoxManifest}; ${cure}`];
  }
  const real = await placeIn(root, convoxManifest);
  if (real === undefined) {
    const why = `leads out of ${convoxDir === '.' ? 'the source tree' : convoxDir}`;
    return ['convoxManifest', `${why}, and the rack gets nothing of that: ${convoxManifest}`];
  }
  if (!ignores(root, convoxManifest) && !ignores(root, real)) return undefined;
  const cure = `add !${convoxManifest} to it, or the rack would not find it`;
  return ['convoxManifest', `is left out by .dockerignore: ${convoxManifest}; ${cure}`];
}

/** Where it lies in the folder, once its links are followed; undefined outside of it. */
async function placeIn(root: string, file: string): Promise<string | undefined> {
  const named = resolve(root, file);
  const place = relative(await realpath(root), await realpath(named));
  const isOut = (path: string): boolean => /^\.\.(?:\/|$)/.test(path);
  return isOut(place) || isOut(relative(root, named)) ? undefined : place;
}

const isA = (what: 'isFile' | 'isDirectory', path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found[what](),
    () => false,
  );

function ignores(root: string, file: string): boolean {
  try {
    return isIgnored(readIgnore(root), file);
  } catch (error) {
    // What is wrong with it is said where the tree is packed.
    if (error instanceof ArchiveError) return false;
    throw error;
  }
}
