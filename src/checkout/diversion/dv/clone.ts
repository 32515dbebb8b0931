import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { CheckoutError, RemoteError } from '../../../errors.ts';
import { isCommitId } from '../../../forges/diversion/ids.ts';
import { walk } from '../../tree/walk.ts';
import { demandCredentials } from './credentials.ts';
import type { Said } from './words.ts';
import { commitIn, statusIn } from './words.ts';

export type Cloning = {
  readonly repo: string;
  /** Branch, tag or commit; undefined: the default branch. */
  readonly ref: string | undefined;
  readonly token: string;
  readonly home: string;
  /** Where the clone goes; it is not there yet. */
  readonly folder: string;
  /** Longest time for what waits for files. */
  readonly syncMs: number;
  /** Calls the program. */
  dv(
    args: readonly string[],
    where?: { readonly cwd?: string; readonly ms?: number },
  ): Promise<Said>;
  warn(text: string): void;
};

export type Cloned = {
  readonly commit: string;
  readonly branch: string | undefined;
  /** So many files and folders it had; what is left when its workspace is gone must be as many. */
  readonly items: number;
};

const never = ['--discard-changes', '--ignore-shelf'];

/**
 * Clones at one commit and holds it there: the program merges what others commit meanwhile. Every flag that keeps a
 * question from being asked is there.
 */
export async function clone(cloning: Cloning): Promise<Cloned> {
  const { repo, ref, token, home, folder, syncMs, dv, warn } = cloning;
  await dv(['authenticate', token]);
  demandCredentials(home);
  await dv(['clone', repo, folder, '-new-workspace'], { ms: syncMs });
  const isFolder = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder || !existsSync(join(folder, '.diversion'))) {
    throw new RemoteError('dv clone ended well, and there is no workspace', { kind: 'refused' });
  }
  const there = { cwd: folder, ms: syncMs };
  const current = async (): Promise<string> => {
    const { out } = await dv(['status', '--commit-id-only'], there);
    const commit = commitIn(out) ?? statusIn((await dv(['status'], there)).out).commit;
    if (commit) return commit;
    throw new RemoteError('dv status does not say of which commit the tree is', {
      kind: 'refused',
    });
  };
  // Waits until every file is there.
  await dv(['status'], there);
  if (ref) await dv(['checkout', ref, ...never], there);
  const { branch } = statusIn((await dv(['status'], there)).out);
  const commit = await current();
  if (ref !== commit) await dv(['checkout', commit, ...never], there);
  const { isDirty } = statusIn((await dv(['status'], there)).out);
  await dv(['workspace', 'pause'], there);
  const still = await current();
  if (still !== commit || (ref && isCommitId(ref) && ref !== commit)) {
    throw new CheckoutError(`dv has the tree of ${still}, and not of ${ref ?? commit}`);
  }
  if (isDirty) warn(`dv says that the tree differs from ${commit}, although nobody changed it`);
  return { commit, branch, items: itemsIn(folder) };
}

/** But for what makes a clone of it. */
export function itemsIn(folder: string): number {
  let items = 0;
  for (const { parts } of walk(folder)) if (parts[0] !== '.diversion') items += 1;
  return items;
}
