import { randomBytes } from 'node:crypto';
import type { Subject } from '../checkout/checkout.ts';
import type { Clock } from '../clock.ts';
import type { Context } from '../context/context.ts';
import { forgeAt } from '../context/forge-host.ts';
import { diversionCommit } from '../context/git-names.ts';
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
  readonly faults: readonly Fault[];
};

type General = Values<typeof general>;

type Sources = {
  readonly values: General;
  /** Labels of where values came from. */
  readonly origins: ReadonlyMap<string, string>;
  readonly fromContext: ReadonlySet<string>;
  /** Commit that is checked out, where the target deploys the tree. */
  readonly head?: string | undefined;
  /** Where the tree is not of what CI has built. */
  readonly subject?: Subject | undefined;
  /** Settings are not usable: what never runs needs no key, and node:crypto takes a while to load. */
  readonly isFaulty?: boolean;
};

/** The validated sum of settings and context. */
export function makeOrder(settings: Sources, context: Context, clock: Clock): Ordered {
  const { values, origins, fromContext } = settings;
  const written = (key: string): boolean => origins.has(key) && !fromContext.has(key);
  const fault = (key: string, message: string): Fault => ({
    name: origins.get(key) ?? key,
    message,
  });
  const judging = { values, written, fault };
  const { environment, component } = values;
  const deploymentId = values.deploymentId === '0' ? undefined : values.deploymentId;
  // An adopted deployment is the forge's own, wherever the tree comes from.
  const isElsewhere = !deploymentId && context.forge !== 'diversion';
  const subject = isElsewhere ? settings.subject : undefined;
  const { repo, commit, ref } = subject
    ? subjectOf(subject, values, written)
    : builtOf(values, context);
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
      forge: subject?.forge ?? context.forge,
      repo,
      ...(subject ? {} : repoUrlOf(context)),
      environment,
      component,
      commit: commit?.toLowerCase(),
      ref,
      description: values.description,
      deploymentId,
      tree: isBuilt(settings.head, context) ? settings.head : undefined,
      buildCreatedAt: context.createdAt,
      environmentUrl: values.environmentUrl,
      buildUrl: context.buildUrl,
      actor: context.actor,
    }),
  };
  return {
    order,
    notes: subject ? [] : notesOn(order, context),
    faults: [...faultsOf(order, judging), ...(subject ? contradictionsOf(subject, judging) : [])],
  };
}

type What = Pick<Order, 'repo' | 'commit' | 'ref'>;

/** What CI has built, but for what the author wrote. */
function builtOf({ owner, repo, commit, ref }: General, context: Context): What {
  return defined({
    repo: owner && repo && !repo.includes('/') ? `${owner}/${repo}` : repo,
    commit,
    ref: ref ?? (commit && commit !== context.commit ? undefined : context.ref),
  });
}

/** Of what CI says of its own repository nothing holds for it; what the author wrote may. */
function subjectOf(
  { repo, commit, ref }: Subject,
  values: General,
  written: (key: string) => boolean,
): What {
  const own = written('commit') ? diversionCommit(values.commit) : undefined;
  return defined({
    repo,
    commit: commit ?? own,
    ref: ref ?? (written('ref') && !commit && !own ? values.ref : undefined),
  });
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

type Judging = {
  readonly values: General;
  written(key: string): boolean;
  fault(key: string, message: string): Fault;
};

function faultsOf({ forge, repo }: Order, { values, written, fault }: Judging): readonly Fault[] {
  const isOfDiversion = diversionCommit(values.commit) !== undefined;
  if (forge !== 'diversion') {
    const isOdd = repo !== undefined && !repo.includes('/');
    return [
      ...(isOdd
        ? [fault('repo', `must be owner/name, got ${quoted(repo)}; or set owner too`)]
        : []),
      ...(isOfDiversion && values.checkout !== 'diversion'
        ? [fault('commit', 'is a commit of Diversion, which needs checkout: diversion')]
        : []),
    ];
  }
  return [
    ...(written('repo') && values.repo !== repo
      ? [fault('repo', 'is not where the tree is: with checkout: diversion, diversion_repo is')]
      : []),
    ...(written('commit') && !isOfDiversion
      ? [fault('commit', 'is of Git; with checkout: diversion it is dv.commit.…, or left out')]
      : []),
  ];
}

/** What is written twice must be the same, or else one of them would be passed over in silence. */
function contradictionsOf(
  { commit, ref }: Subject,
  { values, written, fault }: Judging,
): readonly Fault[] {
  const other = (key: 'commit' | 'ref', theirs: string | undefined): readonly Fault[] => {
    const isOther = theirs !== undefined && written(key) && values[key] !== theirs;
    const message = `is not ${quoted(theirs ?? '')}, as diversion_ref is: leave one of them out`;
    return isOther ? [fault(key, message)] : [];
  };
  const isOfDiversion = diversionCommit(values.commit) !== undefined;
  return [...(isOfDiversion ? other('commit', commit) : []), ...other('ref', ref ?? commit)];
}

const present = (...items: readonly (string | undefined)[]): string[] =>
  items.filter((item) => item !== undefined);

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
