import { RemoteError } from '../../errors.ts';
import { nearestOf } from '../../settings/nearest.ts';
import type { RefKind } from '../facts.ts';
import { commitIn, isBranchId, isCommitId, isTagId } from './ids.ts';
import type { Session } from './session.ts';

export type Repository = {
  /** `dv.repo.…`. */
  readonly id: string;
  readonly name: string;
  readonly defaultBranch: string | undefined;
  /** By which files are verified. */
  readonly digest: 'sha1' | 'md5';
};

/** A branch, a tag, or a commit as such, at the one commit that it is on now. */
export type Pinned = { readonly kind: RefKind | 'commit'; readonly name: string } & {
  readonly commit: string;
};

type Named = {
  readonly id: string;
  readonly name: string;
  /** undefined: it has none yet, or one that cannot be asked for. */
  readonly commit: string | undefined;
};

/** By id or name. */
export async function readRepository(
  session: Session,
  repo: string,
  signal: AbortSignal,
): Promise<Repository> {
  const question = { thing: `repository ${repo}`, signal };
  const path = `/repos/${encodeURIComponent(repo)}`;
  const found = await session.ask(path, question, repositoryIn);
  if (found) return found;
  const names = await session.ask('/repos', question, (body) =>
    itemsIn(body).map(({ repo_name }) => String(repo_name)),
  );
  const message = `there is no repository ${repo}, or the user of the token cannot see it`;
  throw absent(message, repo, names ?? []);
}

function repositoryIn(body: unknown): Repository {
  const { repo_id, repo_name, ...more } = body as Record<string, unknown>;
  const { default_branch_id: branchId, default_branch_name: branchName, digest_method } = more;
  const digest = digest_method ?? 'sha1';
  if (typeof repo_id !== 'string' || !/^[\w.-]{3,128}$/.test(repo_id)) throw new TypeError('no id');
  if (digest !== 'sha1' && digest !== 'md5') {
    const message = `Diversion verifies files of this repository by ${JSON.stringify(digest)}, which Slipway cannot`;
    throw new RemoteError(message, { kind: 'refused' });
  }
  const defaultBranch = [branchId, branchName].find((each) => typeof each === 'string' && each);
  return {
    ...{ id: repo_id, name: typeof repo_name === 'string' ? repo_name : repo_id, digest },
    defaultBranch: defaultBranch as string | undefined,
  };
}

/** Where a ref is now: from here on only that commit is asked for. */
export async function pin(
  session: Session,
  repository: Repository,
  written: string | undefined,
  signal: AbortSignal,
): Promise<Pinned> {
  const ref = written ?? repository.defaultBranch;
  if (!ref) throw absent(`${repository.name} has no default branch: set diversion_ref`);
  if (isCommitId(ref)) return pinCommit(session, repository, ref, signal);
  const names: string[] = [];
  for (const kind of kindsOf(ref)) {
    const all = await listRefs(session, repository, kind, signal);
    const found = all.find(({ id }) => id === ref) ?? all.find(({ name }) => name === ref);
    if (found) return { kind, name: found.name, commit: commitOf(found, kind) };
    names.push(...all.map(({ name }) => name));
  }
  throw absent(`${repository.name} has no branch or tag ${ref}`, ref, names);
}

function commitOf({ name, commit }: Named, kind: RefKind): string {
  if (commit !== undefined) return commit;
  throw new RemoteError(`Diversion names no commit for ${kind} ${name}`, { kind: 'refused' });
}

const kindsOf = (ref: string): readonly RefKind[] =>
  isBranchId(ref) ? ['branch'] : isTagId(ref) ? ['tag'] : ['branch', 'tag'];

async function pinCommit(
  session: Session,
  { id, name }: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<Pinned> {
  const path = `/repos/${id}/commits/${commit}`;
  const found = await session.ask(path, { thing: commit, signal }, (body) =>
    commitIn((body as Record<string, unknown>).commit_id),
  );
  if (found !== commit) throw absent(`${name} has no ${commit}`);
  return { kind: 'commit', name: commit, commit };
}

/** All of them: by its name a branch cannot be asked for (measured: 500). */
export async function listRefs(
  session: Session,
  { id }: Repository,
  kind: RefKind,
  signal: AbortSignal,
): Promise<readonly Named[]> {
  const group = kind === 'branch' ? 'branches' : 'tags';
  const found = await session.ask(
    `/repos/${id}/${group}`,
    { thing: `a list of ${group}`, signal },
    (body) =>
      itemsIn(body).map((item) => ({
        id: String(kind === 'branch' ? item.branch_id : item.id),
        name: String(kind === 'branch' ? item.branch_name : item.name),
        commit: isCommitId(String(item.commit_id)) ? String(item.commit_id) : undefined,
      })),
  );
  return found ?? [];
}

export function itemsIn(body: unknown): readonly Record<string, unknown>[] {
  const { items } = body as { readonly items: unknown };
  if (!Array.isArray(items)) throw new TypeError('a list has items');
  return items;
}

/** Names of a service's own, of which only some are looked at. */
const mostNames = 1000;

function absent(message: string, wanted = '', names: readonly string[] = []): RemoteError {
  const sound = names.filter((name) => /^[\x21-\x7e]{1,128}$/.test(name)).slice(0, mostNames);
  const nearest = wanted && nearestOf(wanted, sound);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  return new RemoteError(`${message}${hint}`, { kind: 'permission' });
}
