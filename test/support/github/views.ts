import { combinedState, latestByContext } from './commit-statuses.ts';
import type { Comparison } from './git.ts';
import { iso, nodeId, type Places, repoUrl, showUser } from './places.ts';
import { showMinimalRepo } from './views-repo.ts';
import type { Commit, CommitStatus, Deployment, DeploymentStatus, Repo } from './world.ts';

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
    avatar_url: `${places.web}/${encodeURIComponent(status.creator)}.png`,
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

export function showComparison(
  repo: Repo,
  { status, base, merge, head, ahead, behindBy }: Comparison,
  commits: readonly Commit[],
  hasFiles: boolean,
  places: Places,
) {
  const pair = `${base.sha}...${head.sha}`;
  const page = `${places.web}/${repo.slug}/compare/${pair}`;
  return {
    url: `${repoUrl(repo, places)}/compare/${pair}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: showCommit(repo, base, places),
    merge_base_commit: showCommit(repo, merge, places),
    status,
    ahead_by: ahead.length,
    behind_by: behindBy,
    total_commits: ahead.length,
    commits: commits.map((commit) => showCommit(repo, commit, places)),
    ...(hasFiles ? { files: [] } : {}),
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
