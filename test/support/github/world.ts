/** What the fake remembers. Times are ms since the epoch, cut to whole seconds as GitHub cuts them. */
export type World = {
  readonly now: () => number;
  readonly repos: Repo[];
  /** The old name of a renamed repository, to the repository. */
  readonly renamed: Map<string, Repo>;
  readonly takeId: () => number;
};

export type Repo = {
  readonly id: number;
  slug: string;
  readonly defaultBranch: string;
  readonly private: boolean;
  readonly pushable: boolean;
  readonly createdAt: number;
  readonly commits: Map<string, Commit>;
  readonly branches: Map<string, string>;
  /** To the commits that they are on. */
  readonly tags: Map<string, string>;
  /** Those that are annotated, to their own ids. */
  readonly annotated: Map<string, string>;
  /** Branches into which the default branch cannot be merged. */
  readonly conflicts: ReadonlySet<string>;
  readonly deployments: Deployment[];
  /** Oldest first. */
  readonly statuses: CommitStatus[];
  /** Gzipped tars by commit. */
  readonly archives: Map<string, Uint8Array>;
};

export type Commit = {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly at: number;
};

export type Deployment = {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  /** As it was sent: an object stays an object, a string a string. */
  readonly payload: Record<string, unknown> | string;
  readonly originalEnvironment: string;
  /** The latest status may have renamed it. */
  environment: string;
  readonly description: string | null;
  readonly creator: string;
  readonly createdAt: number;
  updatedAt: number;
  readonly transient: boolean;
  readonly production: boolean;
  /** Oldest first. */
  readonly statuses: DeploymentStatus[];
};

export type DeploymentState =
  | 'error'
  | 'failure'
  | 'inactive'
  | 'in_progress'
  | 'queued'
  | 'pending'
  | 'success'
  | 'waiting';

export type DeploymentStatus = {
  readonly id: number;
  readonly state: DeploymentState;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly creator: string;
  readonly createdAt: number;
};

export type CommitState = 'error' | 'failure' | 'pending' | 'success';

export type CommitStatus = {
  readonly id: number;
  readonly sha: string;
  readonly state: CommitState;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: string;
  readonly createdAt: number;
};

export type RepoSetup = {
  readonly defaultBranch?: string;
  /** Oldest first; a commit's parent is the one before it unless `parents` says otherwise. */
  readonly commits?: readonly {
    readonly sha: string;
    readonly parents?: readonly string[];
    readonly message?: string;
    readonly at?: number;
  }[];
  /** The default branch is at the last commit unless said otherwise. */
  readonly branches?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Ids of the tags that are objects of their own. */
  readonly annotated?: Readonly<Record<string, string>>;
  /** Branches into which the default branch cannot be merged. */
  readonly conflicts?: readonly string[];
  readonly private?: boolean;
  /** Whether the token's owner may push; `false` makes writes 403 for everybody. */
  readonly pushable?: boolean;
};

export const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

export function createWorld(now: () => number): World {
  let lastId = 1000;
  return {
    now: () => seconds(now()),
    takeId: () => ++lastId,
    repos: [],
    renamed: new Map(),
  };
}

export function addRepo(world: World, slug: string, setup: RepoSetup): Repo {
  const defaultBranch = setup.defaultBranch ?? 'main';
  const listed = setup.commits ?? [];
  const commits = listed.map(({ sha, parents, message, at }, index): Commit => {
    const before = listed[index - 1]?.sha;
    return {
      sha,
      parents: parents ?? (before === undefined ? [] : [before]),
      message: message ?? `Commit ${index + 1}`,
      at: seconds(at ?? world.now()),
    };
  });
  const head = commits.at(-1)?.sha;
  const branches = new Map(Object.entries(setup.branches ?? {}));
  if (head !== undefined && !branches.has(defaultBranch)) branches.set(defaultBranch, head);
  const repo: Repo = {
    id: world.takeId(),
    slug,
    defaultBranch,
    private: setup.private ?? true,
    pushable: setup.pushable ?? true,
    createdAt: world.now(),
    commits: new Map(commits.map((commit) => [commit.sha, commit])),
    branches,
    tags: new Map(Object.entries(setup.tags ?? {})),
    annotated: new Map(Object.entries(setup.annotated ?? {})),
    conflicts: new Set(setup.conflicts ?? []),
    deployments: [],
    statuses: [],
    archives: new Map(),
  };
  for (const sha of [...branches.values(), ...repo.tags.values()]) plantCommit(world, repo, sha);
  world.repos.push(repo);
  return repo;
}

/** A branch or tag may point at a commit that the set-up did not list. */
function plantCommit(world: World, repo: Repo, sha: string): void {
  if (repo.commits.has(sha)) return;
  repo.commits.set(sha, { sha, parents: [], message: 'A commit', at: world.now() });
}

/** Names of repositories are case-insensitive. */
export const findRepo = (world: World, slug: string): Repo | undefined =>
  world.repos.find((repo) => repo.slug.toLowerCase() === slug.toLowerCase());

export function renameRepo(world: World, from: string, to: string): void {
  const repo = findRepo(world, from);
  if (!repo) throw new Error(`${from} is not set up`);
  world.renamed.set(repo.slug.toLowerCase(), repo);
  repo.slug = to;
}
