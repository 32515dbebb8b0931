/** A hash, and not a number that Diversion counts. */
export const isOfGit = (commit: string): boolean => !commit.startsWith('dv.');

/** For people: a hash is told from others by its start, Diversion's id by its end. */
export const shortCommit = (commit: string): string =>
  isOfGit(commit) ? commit.slice(0, 8) : commit;

/** What is to be deployed where: the validated sum of settings and context. Plain data, no secrets. */
export type Order = {
  /** 20 hex: the same for every step and retry of one CI execution's deploy to one slot (identity.ts). */
  readonly runKey: string;
  /** When the CI build was created, else when the process started; ms since the epoch. */
  readonly seq: number;
  /** When a run that has not ended by then is dead; ms since the epoch. */
  readonly expiry: number;
  /** Id of the run in a server's store. */
  readonly runId?: string;
  /** Id of the context that made it: `drone`, `gitlab`, `none` … */
  readonly system: string;

  /** Where the repository lives, when CI says so. */
  readonly forge?: 'github' | 'gitlab' | 'bitbucket' | 'bitbucket-dc' | 'gitea' | 'diversion';
  /** `owner/name`; GitLab groups have more parts. */
  readonly repo?: string;
  /** Link of the repository; its host tells where the forge's API is. */
  readonly repoUrl?: string;
  /** Host of a repository link that anybody may have set: no credential goes there unless the author wrote it. */
  readonly unprovenHost?: string;
  readonly environment?: string;
  readonly component?: string;
  /** 40 or 64 hex; of Diversion `dv.commit.…`. */
  readonly commit?: string;
  readonly ref?: string;
  /**
   * Commit of the tree that the target deploys, where it is certain: what is checked out is the very commit that CI
   * says it built, and no merge of its own.
   */
  readonly tree?: string;
  readonly task: string;
  readonly description?: string;
  readonly payload: Readonly<Record<string, unknown>>;

  /** What the author wrote, where it must agree with an adopted deployment. */
  readonly written: { readonly environment?: string; readonly commit?: string };

  /** Deployment to adopt. */
  readonly deploymentId?: string;
  /** `forge`: an event of the forge started this run, so it may be an echo of our own deployment. */
  readonly startedBy: 'forge' | 'caller';
  /** Who posts a deployment's terminal success of its own accord: Drone and Woodpecker do. */
  readonly ciPostsTerminal: boolean;
  /** When the CI build was created, where CI says so; ms since the epoch. */
  readonly buildCreatedAt?: number;

  readonly environmentUrl?: string;
  /** Where people read this run's log, best first; the marker is added by whoever posts it. */
  readonly logUrls: readonly string[];
  /** Link of the CI build; statuses that link there are the CI server's own. */
  readonly buildUrl?: string;
  readonly actor?: string;
};

/** By its task, as GitHub's conventions have it, or as Gitploy's payloads say. */
export const isRollback = ({ task, payload }: Pick<Order, 'task' | 'payload'>): boolean =>
  task.startsWith('rollback') || String(payload.is_rollback) === 'true';
