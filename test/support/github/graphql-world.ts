import { GraphQLError } from 'graphql';
import type { Api } from './api.ts';
import { combinedState, latestByContext, sameContext } from './commit-statuses.ts';
import { type Caller, demandPermission, type Permission } from './credentials.ts';
import { latestState } from './deployments.ts';
import { history, resolveRef } from './git.ts';
import { type Cut, connect } from './graphql-connection.ts';
import { iso, nodeId } from './places.ts';
import { Refusal } from './refusal.ts';
import {
  type Commit,
  type CommitStatus,
  type Deployment,
  type DeploymentStatus,
  findRepo,
  type Repo,
} from './world.ts';

type Ctx = { readonly api: Api; readonly caller: Caller };

/** Objects whose properties and methods are the fields of GitHub's types, as far as the fake models them. */
export function queryRoot(api: Api, caller: Caller) {
  const ctx = { api, caller };
  return {
    viewer: () => showActor(ctx, caller.login),
    rateLimit: () => showRate(api),
    repository(args: { owner: string; name: string; followRenames?: boolean | null }) {
      const slug = `${args.owner}/${args.name}`;
      const moved =
        args.followRenames === false ? undefined : api.world.renamed.get(slug.toLowerCase());
      const repo = findRepo(api.world, slug) ?? moved;
      const seen = caller.repositories?.includes(args.name) ?? true;
      if (repo && seen) return showRepository(ctx, repo);
      const message = `Could not resolve to a Repository with the name '${slug}'.`;
      throw new GraphQLError(message, { extensions: { type: 'NOT_FOUND' } });
    },
  };
}

function showRate({ rate, limited }: Api) {
  if (!limited) return null;
  const { limit, used, remaining, reset } = rate.show('graphql');
  return { limit, used, remaining, resetAt: iso(reset * 1000), cost: 1, nodeCount: 0 };
}

function showActor({ api }: Ctx, login: string) {
  const bot = login.endsWith('[bot]');
  const url = `${api.places.web}/${login}`;
  return {
    __typename: bot ? 'Bot' : 'User',
    id: nodeId('User', login),
    // GraphQL calls a bot by its App's name alone.
    login: login.replace('[bot]', ''),
    url,
    avatarUrl: () => `${url}.png`,
    resourcePath: `/${login}`,
  };
}

/** A field that the token may not read is an error of type FORBIDDEN. */
function demand({ caller }: Ctx, permission: Permission): void {
  try {
    demandPermission(caller, permission, 'read');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new GraphQLError(error.message, { extensions: { type: 'FORBIDDEN' } });
  }
}

type DeploymentsArgs = Cut & {
  readonly environments?: readonly string[] | null;
  readonly orderBy?: { readonly direction: 'ASC' | 'DESC' } | null;
};

function showRepository(ctx: Ctx, repo: Repo): object {
  const { places } = ctx.api;
  const [owner = '', name = ''] = repo.slug.split('/');
  const commit = (ref: string) => {
    demand(ctx, 'contents');
    const sha = resolveRef(repo, ref === 'HEAD' ? repo.defaultBranch : ref);
    const found = sha === undefined ? undefined : repo.commits.get(sha);
    return found ? showCommit(ctx, repo, found) : null;
  };
  return {
    __typename: 'Repository',
    id: nodeId('Repository', repo.id),
    databaseId: repo.id,
    name,
    nameWithOwner: repo.slug,
    owner: () => showActor(ctx, owner),
    url: `${places.web}/${repo.slug}`,
    isPrivate: repo.private,
    defaultBranchRef: () => showRef(ctx, repo, `refs/heads/${repo.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) => showRef(ctx, repo, qualifiedName),
    object: (args: { expression?: string | null; oid?: string | null }) =>
      commit(args.oid ?? args.expression ?? 'HEAD'),
    deployments(args: DeploymentsArgs) {
      demand(ctx, 'deployments');
      return showDeployments(ctx, repo, repo.deployments, args);
    },
  };
}

function showRef(ctx: Ctx, repo: Repo, name: string): object | null {
  demand(ctx, 'contents');
  const full = ['', 'refs/heads/', 'refs/tags/'].map((prefix) => `${prefix}${name}`);
  const found = full.find((n) => /^refs\/(heads|tags)\//.test(n) && resolveRef(repo, n));
  const commit = repo.commits.get(found ? (resolveRef(repo, found) ?? '') : '');
  if (!found || !commit) return null;
  const [, prefix = '', short = ''] = /^(refs\/\w+\/)(.+)$/.exec(found) ?? [];
  return {
    __typename: 'Ref',
    id: nodeId('Ref', found),
    name: short,
    prefix,
    target: () => showCommit(ctx, repo, commit),
    repository: () => showRepository(ctx, repo),
  };
}

function showCommit(ctx: Ctx, repo: Repo, commit: Commit): object {
  const { places } = ctx.api;
  const url = `${places.web}/${repo.slug}/commit/${commit.sha}`;
  return {
    __typename: 'Commit',
    id: nodeId('Commit', commit.sha),
    oid: commit.sha,
    abbreviatedOid: commit.sha.slice(0, 7),
    message: commit.message,
    messageHeadline: commit.message.split('\n')[0] ?? '',
    committedDate: iso(commit.at),
    authoredDate: iso(commit.at),
    url,
    commitUrl: url,
    repository: () => showRepository(ctx, repo),
    history: (cut: Cut) =>
      connect('history', history(repo, commit.sha), cut, (each) => showCommit(ctx, repo, each)),
    status: () => showStatus(ctx, repo, commit),
    deployments(args: DeploymentsArgs) {
      demand(ctx, 'deployments');
      const own = repo.deployments.filter(({ sha }) => sha === commit.sha);
      return showDeployments(ctx, repo, own, args);
    },
  };
}

/** Null where nobody has posted a status. */
function showStatus(ctx: Ctx, repo: Repo, commit: Commit): object | null {
  demand(ctx, 'statuses');
  const latest = latestByContext(repo, commit.sha);
  if (latest.length === 0) return null;
  const show = (status: CommitStatus) => showContext(ctx, repo, commit, status);
  return {
    id: nodeId('Status', commit.sha),
    state: combinedState(latest).toUpperCase(),
    commit: () => showCommit(ctx, repo, commit),
    contexts: () => latest.map(show),
    context({ name }: { name: string }) {
      const found = latest.find(({ context }) => sameContext(context, name));
      return found ? show(found) : null;
    },
  };
}

const showContext = (ctx: Ctx, repo: Repo, commit: Commit, status: CommitStatus) => ({
  __typename: 'StatusContext',
  id: nodeId('StatusContext', status.id),
  context: status.context,
  state: status.state.toUpperCase(),
  description: status.description,
  targetUrl: status.targetUrl,
  createdAt: iso(status.createdAt),
  creator: () => showActor(ctx, status.creator),
  commit: () => showCommit(ctx, repo, commit),
});

function showDeployments(
  ctx: Ctx,
  repo: Repo,
  own: readonly Deployment[],
  { environments, orderBy, ...cut }: DeploymentsArgs,
) {
  const wanted = own.filter((d) => !environments || environments.includes(d.environment));
  const ordered = orderBy?.direction === 'DESC' ? wanted.toReversed() : wanted;
  return connect('deployments', ordered, cut, (each) => showDeployment(ctx, repo, each));
}

const HALF_AN_HOUR = 1_800_000;

function showDeployment(ctx: Ctx, repo: Repo, deployment: Deployment): object {
  const show = (status: DeploymentStatus) => showDeploymentStatus(ctx, repo, deployment, status);
  const latest = deployment.statuses.at(-1);
  return {
    __typename: 'Deployment',
    id: nodeId('Deployment', deployment.id),
    databaseId: deployment.id,
    commitOid: deployment.sha,
    commit: () => showCommitOf(ctx, repo, deployment),
    ref: () => showRef(ctx, repo, deployment.ref),
    task: deployment.task,
    payload: JSON.stringify(deployment.payload),
    environment: deployment.environment,
    latestEnvironment: deployment.environment,
    originalEnvironment: deployment.originalEnvironment,
    description: deployment.description,
    creator: () => showActor(ctx, deployment.creator),
    state: stateOf(deployment, ctx.api.world.now()),
    createdAt: iso(deployment.createdAt),
    updatedAt: iso(deployment.updatedAt),
    repository: () => showRepository(ctx, repo),
    latestStatus: latest ? show(latest) : null,
    statuses: (cut: Cut) => connect('statuses', inOrder(ctx, deployment.statuses), cut, show),
  };
}

function showCommitOf(ctx: Ctx, repo: Repo, { sha }: Deployment): object | null {
  const commit = repo.commits.get(sha);
  return commit ? showCommit(ctx, repo, commit) : null;
}

// GitHub's schema does not say in which order statuses come, so a caller must not lean on one.
const inOrder = ({ api }: Ctx, statuses: readonly DeploymentStatus[]) =>
  api.newestFirst ? statuses.toReversed() : statuses;

const STATES = {
  queued: 'QUEUED',
  in_progress: 'IN_PROGRESS',
  waiting: 'WAITING',
  success: 'ACTIVE',
  failure: 'FAILURE',
  error: 'ERROR',
  inactive: 'INACTIVE',
} as const;

/** GitHub gives up on what is pending for half an hour, and on nothing else. */
function stateOf(deployment: Deployment, now: number): string {
  const state = latestState(deployment) ?? 'pending';
  if (state === 'inactive' && deployment.transient) return 'DESTROYED';
  if (state !== 'pending') return STATES[state];
  return now - deployment.updatedAt > HALF_AN_HOUR ? 'ABANDONED' : 'PENDING';
}

const showDeploymentStatus = (
  ctx: Ctx,
  repo: Repo,
  deployment: Deployment,
  status: DeploymentStatus,
) => ({
  __typename: 'DeploymentStatus',
  id: nodeId('DeploymentStatus', status.id),
  state: status.state.toUpperCase(),
  description: status.description,
  environment: status.environment,
  environmentUrl: status.environmentUrl || null,
  logUrl: status.logUrl || null,
  createdAt: iso(status.createdAt),
  updatedAt: iso(status.createdAt),
  creator: () => showActor(ctx, status.creator),
  deployment: () => showDeployment(ctx, repo, deployment),
});
