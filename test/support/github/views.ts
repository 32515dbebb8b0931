import { createHash } from 'node:crypto';
import { combinedState, latestByContext } from './commit-statuses.ts';
import type { Commit, CommitStatus, Deployment, DeploymentStatus, Repo } from './world.ts';

/** Where the fake says that things live. */
export type Places = {
  /** Base of the REST API. */
  readonly api: string;
  /** Base of the pages for people. */
  readonly web: string;
};

export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export const nodeId = (kind: string, id: number | string): string =>
  Buffer.from(`${kind}:${id}`).toString('base64');

/** A stable number for a login. */
export const userId = (login: string): number =>
  createHash('sha1').update(login).digest().readUInt32BE(0);

export function showUser(login: string, { api, web }: Places) {
  const url = `${api}/users/${login}`;
  return {
    login,
    id: userId(login),
    node_id: nodeId('User', login),
    avatar_url: `${web}/${login}.png`,
    gravatar_id: '',
    url,
    html_url: `${web}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
}

export const repoUrl = (repo: Repo, { api }: Places): string => `${api}/repos/${repo.slug}`;

export function showDeployment(repo: Repo, deployment: Deployment, places: Places) {
  const url = `${repoUrl(repo, places)}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    task: deployment.task,
    original_environment: deployment.originalEnvironment,
    environment: deployment.environment,
    description: deployment.description,
    created_at: iso(deployment.createdAt),
    updated_at: iso(deployment.updatedAt),
    statuses_url: `${url}/statuses`,
    repository_url: repoUrl(repo, places),
    creator: showUser(deployment.creator, places),
    sha: deployment.sha,
    ref: deployment.ref,
    payload: deployment.payload,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: null,
  };
}

export function showDeploymentStatus(
  repo: Repo,
  deployment: Deployment,
  status: DeploymentStatus,
  places: Places,
) {
  const deploymentUrl = `${repoUrl(repo, places)}/deployments/${deployment.id}`;
  return {
    url: `${deploymentUrl}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: showUser(status.creator, places),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt),
    deployment_url: deploymentUrl,
    repository_url: repoUrl(repo, places),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: null,
  };
}

export function showCommitStatus(repo: Repo, status: CommitStatus, places: Places) {
  return { ...showContext(repo, status, places), creator: showUser(status.creator, places) };
}

function showContext(repo: Repo, status: CommitStatus, places: Places) {
  return {
    url: `${repoUrl(repo, places)}/statuses/${status.sha}`,
    avatar_url: `${places.web}/${status.creator}.png`,
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt),
  };
}

export function showCombined(
  repo: Repo,
  sha: string,
  page: (all: readonly CommitStatus[]) => readonly CommitStatus[],
  places: Places,
) {
  const latest = latestByContext(repo, sha);
  const url = `${repoUrl(repo, places)}/commits/${sha}`;
  return {
    state: combinedState(latest),
    statuses: page(latest).map((status) => showContext(repo, status, places)),
    sha,
    total_count: latest.length,
    repository: showMinimalRepo(repo, places),
    commit_url: url,
    url: `${url}/status`,
  };
}

export function showCommit(repo: Repo, commit: Commit, places: Places) {
  const at = (sha: string): string => `${repoUrl(repo, places)}/commits/${sha}`;
  const page = (sha: string): string => `${places.web}/${repo.slug}/commit/${sha}`;
  const person = { name: 'A Dev', email: 'dev@example.com', date: iso(commit.at) };
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: person,
      committer: person,
      message: commit.message,
      tree: { sha: commit.sha, url: `${repoUrl(repo, places)}/git/trees/${commit.sha}` },
      url: `${repoUrl(repo, places)}/git/commits/${commit.sha}`,
      comment_count: 0,
    },
    url: at(commit.sha),
    html_url: page(commit.sha),
    comments_url: `${at(commit.sha)}/comments`,
    author: showUser('dev', places),
    committer: showUser('dev', places),
    parents: commit.parents.map((sha) => ({ sha, url: at(sha), html_url: page(sha) })),
  };
}

export function showMinimalRepo(repo: Repo, places: Places) {
  const [owner = '', name = ''] = repo.slug.split('/');
  return {
    id: repo.id,
    node_id: nodeId('Repository', repo.id),
    name,
    full_name: repo.slug,
    private: repo.private,
    owner: showUser(owner, places),
    html_url: `${places.web}/${repo.slug}`,
    description: null,
    fork: false,
    url: repoUrl(repo, places),
    ...repoLinks(repoUrl(repo, places)),
  };
}

const LINKS = {
  archive: '/{archive_format}{/ref}',
  assignees: '{/user}',
  blobs: 'git/blobs{/sha}',
  branches: '{/branch}',
  collaborators: '{/collaborator}',
  comments: '{/number}',
  commits: '{/sha}',
  compare: '/{base}...{head}',
  contents: '/{+path}',
  contributors: '',
  deployments: '',
  downloads: '',
  events: '',
  forks: '',
  git_commits: 'git/commits{/sha}',
  git_refs: 'git/refs{/sha}',
  git_tags: 'git/tags{/sha}',
  hooks: '',
  issue_comment: 'issues/comments{/number}',
  issue_events: 'issues/events{/number}',
  issues: '{/number}',
  keys: '{/key_id}',
  labels: '{/name}',
  languages: '',
  merges: '',
  milestones: '{/number}',
  notifications: '{?since,all,participating}',
  pulls: '{/number}',
  releases: '{/id}',
  stargazers: '',
  statuses: '/{sha}',
  subscribers: '',
  subscription: '',
  tags: '',
  teams: '',
  trees: 'git/trees{/sha}',
} as const;

/** `x_url` for each link: below its own name, or where its template says. */
const repoLinks = (url: string) =>
  Object.fromEntries(
    Object.entries(LINKS).map(([name, rest]) => [
      `${name}_url`,
      /^\w/.test(rest) ? `${url}/${rest}` : `${url}/${name}${rest}`,
    ]),
  );

export function showRepo(repo: Repo, places: Places) {
  const page = `${places.web}/${repo.slug}`;
  const plain = page.replace(/^https?:/, '');
  return {
    ...showMinimalRepo(repo, places),
    clone_url: `${page}.git`,
    git_url: `git:${plain}.git`,
    ssh_url: `ssh:${plain}.git`,
    svn_url: page,
    default_branch: repo.defaultBranch,
    homepage: null,
    language: null,
    license: null,
    mirror_url: null,
    ...NOTHING_COUNTED,
    archived: false,
    disabled: false,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    permissions: { admin: false, push: repo.pushable, pull: true },
    pushed_at: iso(repo.createdAt),
    created_at: iso(repo.createdAt),
    updated_at: iso(repo.createdAt),
  };
}

const NOTHING_COUNTED = {
  size: 0,
  forks: 0,
  forks_count: 0,
  open_issues: 0,
  open_issues_count: 0,
  stargazers_count: 0,
  watchers: 0,
  watchers_count: 0,
  network_count: 0,
  subscribers_count: 0,
} as const;
