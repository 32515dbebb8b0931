import { demandHttp, demandShort, invalid, Refusal } from './refusal.ts';
import type { CommitState, CommitStatus, Repo, World } from './world.ts';

const MOST_PER_CONTEXT = 1000;

export type CommitStatusBody = {
  readonly state: CommitState;
  readonly target_url?: string | null;
  readonly description?: string | null;
  readonly context?: string;
};

export function addCommitStatus(
  world: World,
  repo: Repo,
  sha: string,
  body: CommitStatusBody,
  creator: string,
): CommitStatus {
  if (!/^[0-9a-f]{40}$/i.test(sha) || !repo.commits.has(sha.toLowerCase())) {
    throw new Refusal(422, `No commit found for SHA: ${sha}`);
  }
  demandShort('Status', body.description);
  demandHttp('Status', 'target_url', body.target_url);
  const context = body.context ?? 'default';
  const earlier = repo.statuses.filter((s) => s.sha === sha && sameContext(s.context, context));
  if (earlier.length >= MOST_PER_CONTEXT) {
    const message = 'This SHA and context has reached the maximum number of statuses.';
    throw invalid('Status', 'context', message);
  }
  const status: CommitStatus = {
    id: world.takeId(),
    sha: sha.toLowerCase(),
    state: body.state,
    context,
    description: body.description ?? null,
    targetUrl: body.target_url ?? null,
    creator,
    createdAt: world.now(),
  };
  repo.statuses.push(status);
  return status;
}

export const sameContext = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();

/** Newest first. */
export const statusesOfCommit = (repo: Repo, sha: string): CommitStatus[] =>
  repo.statuses.filter((status) => status.sha === sha).reverse();

/** The newest of each context, oldest context first. */
export function latestByContext(repo: Repo, sha: string): CommitStatus[] {
  const latest = new Map<string, CommitStatus>();
  for (const status of repo.statuses) {
    if (status.sha === sha) latest.set(status.context.toLowerCase(), status);
  }
  return [...latest.values()];
}

export function combinedState(
  statuses: readonly CommitStatus[],
): 'failure' | 'pending' | 'success' {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure';
  if (statuses.length === 0 || statuses.some(({ state }) => state === 'pending')) return 'pending';
  return 'success';
}
