import { addCommitStatus, type CommitStatusBody, statusesOfCommit } from './commit-statuses.ts';
import {
  addDeploymentStatus,
  type DeploymentBody,
  plantDeployment,
  type StatusBody,
} from './deployments.ts';
import { resolveRef } from './git.ts';
import { drawTimeline } from './timeline.ts';
import {
  type CommitStatus,
  type Deployment,
  type DeploymentStatus,
  findRepo,
  type Repo,
  seconds,
  type World,
} from './world.ts';

type Arranged = {
  /** Slug; the first repository by default. */
  readonly repo?: string;
  /** Login of whoever did it. */
  readonly creator?: string;
  /** When; the clock's now by default. */
  readonly at?: number;
};

/** The world as others (CI servers, people, Gitploy) change it and see it. */
export function arranging(world: World) {
  const owning = (id: number): readonly [Repo, Deployment] => {
    for (const repo of world.repos) {
      const found = repo.deployments.find((deployment) => deployment.id === id);
      if (found) return [repo, found];
    }
    throw new Error(`there is no deployment ${id}`);
  };
  return {
    deployments: (): readonly Deployment[] => world.repos.flatMap((repo) => repo.deployments),
    addDeployment(body: Omit<DeploymentBody, 'auto_merge' | 'required_contexts'> & Arranged) {
      const { repo: slug, creator = 'someone', at, ...rest } = body;
      const repo = repoNamed(world, slug);
      const sha = resolveRef(repo, rest.ref);
      if (sha === undefined) throw new Error(`${repo.slug} has no ref ${rest.ref}`);
      return plantDeployment(asOf(world, at), repo, sha, rest, creator);
    },
    addStatus(id: number, body: StatusBody & Omit<Arranged, 'repo'>): DeploymentStatus {
      const { creator = 'someone', at, ...rest } = body;
      const [repo, deployment] = owning(id);
      return addDeploymentStatus(asOf(world, at), repo, deployment, rest, creator);
    },
    addCommitStatus(sha: string, body: CommitStatusBody & Arranged): CommitStatus {
      const { repo: slug, creator = 'someone', at, ...rest } = body;
      return addCommitStatus(asOf(world, at), repoNamed(world, slug), sha, rest, creator);
    },
    /** The archive of a commit, in place of one with a single file. */
    putArchive(sha: string, archive: Uint8Array, slug?: string): void {
      repoNamed(world, slug).archives.set(sha, archive);
    },
    /** Newest first. */
    statusesOf: (id: number): readonly DeploymentStatus[] => owning(id)[1].statuses.toReversed(),
    /** Newest first. */
    commitStatuses: (sha: string): readonly CommitStatus[] =>
      world.repos.flatMap((repo) => statusesOfCommit(repo, sha)),
    timeline: (id: number): string => drawTimeline(owning(id)[1]),
  };
}

function repoNamed(world: World, slug: string | undefined): Repo {
  const repo = slug === undefined ? world.repos[0] : findRepo(world, slug);
  if (!repo) throw new Error(`${slug ?? 'a repository'} is not set up`);
  return repo;
}

const asOf = (world: World, at: number | undefined): World =>
  at === undefined ? world : { ...world, now: () => seconds(at) };
