import { createHash } from 'node:crypto';
import type { Commit, Repo } from './world.ts';

const SHA = /^[0-9a-f]{7,40}$/i;

/** What a ref means: branch first, then tag, then (abbreviated) sha, as `git rev-parse` at GitHub does. */
export function resolveRef(repo: Repo, ref: string): string | undefined {
  const [, kind, name = ref] = /^(?:refs\/)?(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const branch = kind === 'tags' ? undefined : repo.branches.get(name);
  const tag = kind === 'heads' ? undefined : repo.tags.get(name);
  return branch ?? tag ?? repo.branches.get(ref) ?? repo.tags.get(ref) ?? bySha(repo, ref);
}

function bySha(repo: Repo, ref: string): string | undefined {
  if (!SHA.test(ref)) return undefined;
  const found = [...repo.commits.keys()].filter((sha) => sha.startsWith(ref.toLowerCase()));
  return found.length === 1 ? found[0] : undefined;
}

/** From a commit backwards, newest first. */
export function history(repo: Repo, sha: string): Commit[] {
  const seen = new Set<string>();
  const found: Commit[] = [];
  const waiting = [sha];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const commit = repo.commits.get(next);
    if (!commit || seen.has(next)) continue;
    seen.add(next);
    found.push(commit);
    waiting.push(...commit.parents);
  }
  return found;
}

/** Whether the default branch has commits that the branch lacks. */
export function isBehind(repo: Repo, branch: string): boolean {
  const base = repo.branches.get(repo.defaultBranch);
  const head = repo.branches.get(branch);
  if (base === undefined || head === undefined) return false;
  return !history(repo, head).some((commit) => commit.sha === base);
}

export function mergeDefault(repo: Repo, branch: string, at: number): void {
  const base = repo.branches.get(repo.defaultBranch);
  const head = repo.branches.get(branch);
  if (base === undefined || head === undefined) return;
  const sha = createHash('sha1').update(`${base} ${head}`).digest('hex');
  const message = `Merge branch '${repo.defaultBranch}' into ${branch}`;
  repo.commits.set(sha, { sha, parents: [head, base], message, at });
  repo.branches.set(branch, sha);
}

export type Comparison = {
  readonly status: 'ahead' | 'behind' | 'diverged' | 'identical';
  readonly base: Commit;
  readonly merge: Commit;
  readonly head: Commit;
  /** Oldest first. */
  readonly ahead: readonly Commit[];
  readonly behindBy: number;
};

/** undefined: one of them is not there, or they have nothing in common. */
export function compare(repo: Repo, from: string, to: string): Comparison | undefined {
  const [base, head] = [from, to].map((ref) => repo.commits.get(resolveRef(repo, ref) ?? ''));
  if (!base || !head) return undefined;
  const [mine, theirs] = [history(repo, base.sha), history(repo, head.sha)];
  const merge = theirs.find(({ sha }) => mine.some((each) => each.sha === sha));
  if (!merge) return undefined;
  const lacks = (commits: readonly Commit[]) => (one: Commit) =>
    !commits.some(({ sha }) => sha === one.sha);
  const ahead = theirs.filter(lacks(mine)).toReversed();
  const behindBy = mine.filter(lacks(theirs)).length;
  const one = ahead.length > 0 ? 'ahead' : behindBy > 0 ? 'behind' : 'identical';
  const status = ahead.length > 0 && behindBy > 0 ? 'diverged' : one;
  return { status, base, merge, head, ahead, behindBy };
}
