import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { TargetDeps } from '../target.ts';

/** What a checkout tells of commits. undefined: there is none, no `git`, or it does not know the commit. */
export type History = {
  /** Whether `commit` is in the history of `later`. */
  contains(later: string, commit: string): Promise<boolean | undefined>;
  /** When it was made; ms since the epoch. */
  madeAt(commit: string): Promise<number | undefined>;
};

const longestMs = 5000;
const sha = /^[0-9a-f]{7,64}$/i;

export function historyOf(tree: string | undefined, env: TargetDeps['env']): History {
  const program = tree === undefined || !existsSync(tree) ? undefined : findGit(env.PATH);

  const run = (...args: string[]): Promise<{ code: number; text: string } | undefined> =>
    new Promise((resolve) => {
      if (!program || !tree) return resolve(undefined);
      // The checkout may be of another user; nothing of it is run, and no commit is fetched.
      const all = ['-c', 'safe.directory=*', '-C', tree, ...args];
      const own = { ...env, GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0' };
      execFile(program, all, { env: own, timeout: longestMs }, (error, stdout) => {
        const code = error ? error.code : 0;
        resolve(typeof code === 'number' ? { code, text: stdout } : undefined);
      });
    });

  return {
    async contains(later, commit) {
      if (!sha.test(later) || !sha.test(commit)) return undefined;
      const ran = await run('merge-base', '--is-ancestor', commit, later);
      // Any other code: one of the two is not there.
      return ran?.code === 0 ? true : ran?.code === 1 ? false : undefined;
    },
    async madeAt(commit) {
      if (!sha.test(commit)) return undefined;
      const ran = await run('show', '--no-patch', '--format=%ct', commit, '--');
      const seconds = Number(ran?.code === 0 ? ran.text.trim() || Number.NaN : Number.NaN);
      return Number.isNaN(seconds) ? undefined : seconds * 1000;
    },
  };
}

function findGit(path = ''): string | undefined {
  const files = path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, 'git'));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
