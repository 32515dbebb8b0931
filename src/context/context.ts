import { branchOrTag, diversionCommit, fullSha } from './git-names.ts';
import { hostOf, publicUrl } from './repo-url.ts';

/** Where facts come from: variables, and the few files that CI systems point to. */
export type Facts = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Content of a file that a variable names (GITHUB_EVENT_PATH); undefined when it cannot be read. */
  readFile(path: string): string | undefined;
  /** `git rev-parse HEAD` of the workspace, for CI systems that pass no sha. */
  gitHead(): string | undefined;
};

/** What CI says. Wrong facts are worse than none: what is not certain is undefined. */
export type Context = {
  /** Id of the file that read it. */
  readonly system: string;
  /** CI server's host, part of the run key: two servers may count builds alike. */
  readonly host: string;
  /** `owner/name`. */
  readonly repo: string | undefined;
  /** Link of the repository; its host tells the forge. */
  readonly repoUrl: string | undefined;
  /** API of the forge where CI names it (GITHUB_API_URL). */
  readonly forgeApiUrl: string | undefined;
  readonly forge:
    | 'github'
    | 'gitlab'
    | 'bitbucket'
    | 'bitbucket-dc'
    | 'gitea'
    | 'diversion'
    | undefined;
  /** Head of what the author pushed, 40 or 64 hex (at Diversion `dv.commit.…`); never a merge commit that CI made. */
  readonly commit: string | undefined;
  /** Branch or tag, short. */
  readonly ref: string | undefined;
  /** The system's own word: promote, push, deployment, pull_request … */
  readonly event: string | undefined;
  readonly isPullRequest: boolean;
  /** Whether the event deploys where `events` is not set. */
  readonly deploys: boolean;
  readonly environment: string | undefined;
  readonly task: string | undefined;
  readonly deploymentId: string | undefined;
  /** A deployment event of the forge started this build, so it may be the echo of one that we created. */
  readonly startedByForge: boolean;
  /** CI's own word on how the build goes so far. */
  readonly status: 'success' | 'failure' | 'cancelled' | undefined;
  /** Identifies the build to the run key; undefined outside CI. */
  readonly execution: string | undefined;
  /** ms since the epoch. */
  readonly createdAt: number | undefined;
  readonly buildUrl: string | undefined;
  /** Deepest link to this step's log. */
  readonly stepUrl: string | undefined;
  readonly actor: string | undefined;
  readonly workspace: string | undefined;
  /** The CI server posts a deployment's terminal status of its own accord. */
  readonly postsTerminal: boolean;
  /** Whoever may promote can set any variable of the step: only flags and PLUGIN_ are read. */
  readonly openEnvironment: boolean;
  /** Whoever runs the build may have set `repoUrl`: credentials follow it only to hosts that everybody knows. */
  readonly openRepoUrl: boolean;
  /** Empty variables are secrets that were not found. */
  readonly emptyMeansMissing: boolean;
  /** PLUGIN_ names, without the prefix and in lower case, that the system sets itself. */
  readonly ownPluginNames: readonly string[];
};

export interface CiSystem {
  readonly id: string;
  /** Vendor's page of the variables. */
  readonly docs: string;
  /**
   * Every variable that `read` and `detect` look at: what a plain `docker run` must pass on.
   * Spinnaker's SPINNAKER_PARAM_* are not in it: their names are the pipeline author's.
   */
  readonly variables: readonly string[];
  detect(env: Facts['env']): boolean;
  read(facts: Facts): Context;
}

/** The first of these variables that is not empty: CI systems pass what they do not have as empty ones. */
export type Variables<N extends string> = (...names: readonly N[]) => string | undefined;

/** What one system knows, as its file writes it down; whatever is left out is not known. */
export type Known = {
  readonly [K in Exclude<keyof Context, 'system'>]?: Context[K] | undefined;
};

/** `first` takes no name outside `variables`: the compiler keeps the list complete. */
export function defineCi<const N extends string>(definition: {
  readonly id: string;
  readonly docs: string;
  readonly variables: readonly N[];
  detect(first: Variables<N>, env: Facts['env']): boolean;
  read(first: Variables<N>, facts: Facts): Known;
}): CiSystem {
  const { id, docs, variables, detect, read } = definition;
  return {
    id,
    docs,
    variables,
    detect: (env) => detect(variablesOf(env), env),
    read: (facts) => contextOf(id, read(variablesOf(facts.env), facts)),
  };
}

const variablesOf =
  (env: Facts['env']) =>
  (...names: readonly string[]): string | undefined => {
    for (const name of names) if (env[name]) return env[name];
    return undefined;
  };

/** Drops what is not what it claims to be: a short sha, a merge ref, a link with a password in it. */
export function contextOf(system: string, known: Known): Context {
  const isPullRequest = known.isPullRequest ?? false;
  const buildUrl = publicUrl(known.buildUrl);
  return {
    system,
    host: known.host ?? hostOf(buildUrl) ?? system,
    repo: matching(/^[^\s/]+(\/[^\s/]+)+$/, known.repo),
    repoUrl: publicUrl(known.repoUrl),
    forgeApiUrl: publicUrl(known.forgeApiUrl),
    forge: known.forge,
    commit: known.forge === 'diversion' ? diversionCommit(known.commit) : fullSha(known.commit),
    ref: branchOrTag(known.ref),
    event: known.event,
    isPullRequest,
    deploys: known.deploys ?? !isPullRequest,
    environment: known.environment,
    task: known.task,
    deploymentId: matching(/^[1-9]\d*$/, known.deploymentId),
    startedByForge: known.startedByForge ?? false,
    status: known.status,
    execution: known.execution,
    createdAt: known.createdAt,
    buildUrl,
    stepUrl: publicUrl(known.stepUrl),
    actor: known.actor,
    workspace: matching(/^(\/|[A-Za-z]:[\\/])/, known.workspace),
    postsTerminal: known.postsTerminal ?? false,
    openEnvironment: known.openEnvironment ?? false,
    openRepoUrl: known.openRepoUrl ?? false,
    emptyMeansMissing: known.emptyMeansMissing ?? false,
    ownPluginNames: known.ownPluginNames ?? [],
  };
}

const matching = (shape: RegExp, text: string | undefined): string | undefined =>
  text !== undefined && shape.test(text) ? text : undefined;
