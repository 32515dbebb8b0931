import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Context } from '../context/context.ts';
import { forgeAt } from '../context/forge-host.ts';
import { type Fault, quoted } from '../errors.ts';
import { runKey } from '../identity.ts';
import type { Order } from '../order.ts';
import type { Values } from '../settings/define.ts';
import type { general } from '../settings/general.ts';

/** How long after its `timeout` a silent run is taken for dead. */
const graceMs = 5 * 60_000;

export type Ordered = {
  readonly order: Order;
  /** What the author should know of how settings and context met. */
  readonly notes: readonly string[];
  /** All of `repo`. */
  readonly faults: readonly Fault[];
};

type Sources = {
  readonly values: Values<typeof general>;
  /** Labels of where values came from. */
  readonly origins: ReadonlyMap<string, string>;
  readonly fromContext: ReadonlySet<string>;
  /** Commit that is checked out, where the target deploys the tree. */
  readonly head?: string | undefined;
  /** Settings are not usable: what never runs needs no key, and node:crypto takes a while to load. */
  readonly isFaulty?: boolean;
};

/** The validated sum of settings and context. */
export function makeOrder(settings: Sources, context: Context, clock: Clock): Ordered {
  const { values, origins, fromContext } = settings;
  const written = (key: string): boolean => origins.has(key) && !fromContext.has(key);
  const repo =
    values.owner && values.repo && !values.repo.includes('/')
      ? `${values.owner}/${values.repo}`
      : values.repo;
  const { environment, component, commit } = values;
  const deploymentId = values.deploymentId === '0' ? undefined : values.deploymentId;
  const theirs = deploymentId !== undefined && deploymentId === context.deploymentId;
  const now = clock.now();
  const order: Order = {
    runKey: settings.isFaulty
      ? ''
      : runKey({
          host: context.host,
          repo: repo ?? '',
          execution: values.runKey ?? context.execution ?? randomBytes(8).toString('hex'),
          environment: environment ?? '',
          component: component ?? '',
        }),
    seq: context.createdAt ?? now,
    expiry: now + values.timeout + graceMs,
    system: context.system,
    task: values.task ?? 'deploy',
    payload: values.payload ?? {},
    startedBy: theirs && context.startedByForge ? 'forge' : 'caller',
    ciPostsTerminal: theirs && context.postsTerminal,
    logUrls: values.logUrl ? [values.logUrl] : present(context.stepUrl, context.buildUrl),
    written: defined({
      environment: written('environment') ? environment : undefined,
      commit: written('commit') ? commit : undefined,
    }),
    ...defined({
      forge: context.forge,
      repo,
      ...repoUrlOf(context),
      environment,
      component,
      commit: commit?.toLowerCase(),
      ref: values.ref ?? (commit && commit !== context.commit ? undefined : context.ref),
      description: values.description,
      deploymentId,
      tree: isBuilt(settings.head, context) ? settings.head : undefined,
      buildCreatedAt: context.createdAt,
      environmentUrl: values.environmentUrl,
      buildUrl: context.buildUrl,
      actor: context.actor,
    }),
  };
  return { order, notes: notesOn(order, context), faults: faultsOf(repo, origins) };
}

/** A link that anybody may have set is believed where it names a forge that everybody knows. */
function repoUrlOf({ repoUrl, openRepoUrl }: Context): Partial<Order> {
  if (!repoUrl) return {};
  return openRepoUrl && !forgeAt(repoUrl) ? { unprovenHost: new URL(repoUrl).host } : { repoUrl };
}

/** Any other commit may be a merge that CI made, or one that an earlier step put on top. */
const isBuilt = (head: string | undefined, { commit, isPullRequest }: Context): boolean =>
  head !== undefined && !isPullRequest && head === commit?.toLowerCase();

function notesOn(order: Order, context: Context): readonly string[] {
  const { environment, commit } = order.written;
  const differs = (mine?: string, theirs?: string): boolean =>
    mine !== undefined && theirs !== undefined && mine.toLowerCase() !== theirs.toLowerCase();
  return [
    ...(differs(environment, context.environment)
      ? [`environment is ${environment}, as written; the build names ${context.environment}`]
      : []),
    ...(differs(commit, context.commit)
      ? [`commit is ${commit}, as written; the build's is ${context.commit}`]
      : []),
  ];
}

function faultsOf(
  repo: string | undefined,
  origins: ReadonlyMap<string, string>,
): readonly Fault[] {
  if (repo === undefined || repo.includes('/')) return [];
  const name = origins.get('repo') ?? 'repo';
  return [{ name, message: `must be owner/name, got ${quoted(repo)}; or set owner too` }];
}

const present = (...items: readonly (string | undefined)[]): string[] =>
  items.filter((item) => item !== undefined);

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
