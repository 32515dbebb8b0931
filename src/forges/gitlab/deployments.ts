import { RemoteError } from '../../errors.ts';
import { readLink } from '../../identity.ts';
import type { Log } from '../../log.ts';
import type { Order } from '../../order.ts';
import { isTerminal } from '../../status.ts';
import type { CommitReading, CommitWords } from '../commit-statuses.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { shortRef } from '../ref.ts';
import { createDeploymentApi, type DeploymentRow } from './deployment-api.ts';
import { deploymentIn } from './deployment-link.ts';
import type { GitlabPlace } from './place.ts';
import { type DeploymentWord, unbegun, wordOf } from './states.ts';
import { createTagLook } from './tags.ts';

export type DeploymentsOptions = {
  readonly place: GitlabPlace;
  readonly forge: ForgeHttp;
  readonly order: Order;
  readonly log: Log;
  /** What the commit is told now: there it says which deployments are whose. */
  read(sha: string, patience: Patience): Promise<CommitReading>;
  /** What it was told when it was last read. */
  readBefore(sha: string): CommitReading | undefined;
};

export type ToldDeployment = {
  readonly id?: string | undefined;
  readonly environmentId?: number | undefined;
  /** How it had ended before somebody else came to end it. */
  readonly ended?: DeploymentWord | undefined;
};

export type Deployments = {
  /** Those that run, newest first; asked of one environment, or of all. */
  running(environment: string | undefined, patience: Patience): Promise<readonly DeploymentRow[]>;
  /** Asks beforehand what does not change. */
  prepare(environment: string | undefined, patience: Patience): Promise<void>;
  /** Which one goes with a status that has this link, as far as it is known. */
  idOf(link: string | undefined): string | undefined;
  /** Tells the deployment that goes with a status, made where there is none: another run's is ended, unless it has. */
  tell(sha: string, words: CommitWords, patience: Patience): Promise<ToldDeployment>;
};

const slackMs = 5000;

/** A deployment holds no text of ours: which is whose, the statuses of its commit say. */
export function createDeployments(options: DeploymentsOptions): Deployments {
  const { place, forge, order, log, read } = options;
  const api = createDeploymentApi(place, forge, log);
  const isTag = createTagLook(place, forge);
  const known = new Map<string, { readonly id: string; readonly word: DeploymentWord }>();
  /** Keys whose deployment may have been made, though no answer has said so. */
  const doubtful = new Set<string>();
  /** What is asked twice at once is asked once. */
  let asked: Promise<readonly DeploymentRow[]> | undefined;
  let jobs: readonly DeploymentRow[] | undefined;

  const running: Deployments['running'] = (environment, patience) => {
    asked ??= api.list(environment, 'running', patience).finally(() => {
      asked = undefined;
    });
    return asked;
  };

  async function jobsOf(
    environment: string,
    patience: Patience,
  ): Promise<readonly DeploymentRow[]> {
    if (order.system !== 'gitlab') return [];
    jobs ??= (await running(environment, patience)).filter(({ deployable }) => deployable);
    return jobs;
  }

  /** A job of GitLab's own CI with an environment has its deployment before it starts. */
  async function isOfJob(sha: string, environment: string, patience: Patience): Promise<boolean> {
    const job = (await jobsOf(environment, patience)).find((row) => row.sha === sha);
    if (job) log.debug(`GitLab keeps deployment ${job.id} itself: it is of a job`);
    return job !== undefined;
  }

  /** Whether there can be one that we know nothing of: of a killed process, or of an answer that was lost. */
  async function mayBeMade(
    sha: string,
    { link }: CommitWords,
    patience: Patience,
  ): Promise<boolean> {
    const own = readLink(link);
    if (!own || own.closure || doubtful.has(own.key)) return true;
    const { posted } = options.readBefore(sha) ?? (await read(sha, patience));
    return posted.some(({ marker }) => marker?.key === own.key && marker.expiry !== own.expiry);
  }

  /** One that another run's status names is not ours; of those that none names, neither is one of another time. */
  async function find(
    sha: string,
    environment: string,
    words: CommitWords,
    patience: Patience,
  ): Promise<DeploymentRow | undefined> {
    if (!(await mayBeMade(sha, words, patience))) return undefined;
    const isKnown = (id: string) => [...known.values()].some((each) => each.id === id);
    const open = (await api.list(environment, 'running', patience)).filter(
      (row) => row.sha === sha && !row.deployable && !isKnown(String(row.id)),
    );
    if (open.length === 0) return undefined;
    const own = readLink(words.link);
    const { posted } = await read(sha, patience);
    const namedBy = (isOurs: boolean) =>
      posted
        .filter(({ marker }) => marker && (marker.key === own?.key) === isOurs)
        .map(({ link }) => deploymentIn(link));
    const [ours, theirs] = [namedBy(true), namedBy(false)];
    const from = (own?.seq ?? 0) - slackMs;
    const to = own?.closure ? own.expiry : Number.POSITIVE_INFINITY;
    return (
      open.find(({ id }) => ours.includes(String(id))) ??
      open.findLast(({ id, created_at }) => {
        const at = Date.parse(created_at);
        return !theirs.includes(String(id)) && at >= from && at <= to;
      })
    );
  }

  /** It is made as one that runs, whatever becomes of it at once: a lost answer is looked for among those. */
  async function create(
    sha: string,
    environment: string,
    key: string,
    patience: Patience,
  ): Promise<DeploymentRow> {
    const ref = order.commit === sha ? order.ref : undefined;
    const tag = ref !== undefined && (await isTag(ref, patience));
    const named = { ref: shortRef(ref ?? sha), tag } as const;
    const body = { environment, sha, ...named, status: 'running' } as const;
    try {
      return await api.create(body, patience);
    } catch (error) {
      if (error instanceof RemoteError && error.unknown) doubtful.add(key);
      throw error;
    }
  }

  const idOf: Deployments['idOf'] = (link) =>
    deploymentIn(link) ?? known.get(readLink(link)?.key ?? '')?.id;

  return {
    ...{ running, idOf },
    async prepare(environment, patience) {
      const isKnown = order.ref === undefined || !environment;
      await Promise.all([
        isKnown ? undefined : isTag(order.ref, patience),
        environment ? jobsOf(environment, patience) : undefined,
      ]);
    },
    async tell(sha, words, patience) {
      const { environment, told, link } = words;
      const word = wordOf(told.state);
      const { key = '', closure = false } = readLink(link) ?? {};
      const before = known.get(key);
      const named = idOf(link);
      if (!environment || word === 'pending') return { id: named };
      if (closure && named) return { id: named, ended: await api.end(named, word, patience) };
      if (!named && !closure && (await isOfJob(sha, environment, patience))) return {};
      const found = named ? undefined : await find(sha, environment, words, patience);
      if (closure && found) return { ended: await api.end(String(found.id), word, patience) };
      const isMade = named !== undefined || found !== undefined;
      if (!isMade && (closure || unbegun.includes(told.state))) return {};
      const row = isMade ? found : await create(sha, environment, key, patience);
      const id = named ?? String(row?.id);
      const now = named ? before?.word : 'running';
      known.set(key, { id, word: now ?? 'running' });
      if (now !== word) await api.update(id, word, patience);
      known.set(key, { id, word });
      if (isTerminal(words.state)) doubtful.delete(key);
      return { id, environmentId: row?.environment?.id };
    },
  };
}
