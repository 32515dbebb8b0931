import { iso, nodeId, type Places, repoUrl, showUser } from './places.ts';
import type { Repo } from './world.ts';

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
