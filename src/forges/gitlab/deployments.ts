import { RemoteError } from '../../errors.ts';
import { readLink } from '../../identity.ts';
import type { Log } from '../../log.ts';
import type { Order } from '../../order.ts';
import type { State } from '../../status.ts';
import { ask, send } from '../asking.ts';
import type { CommitReading, CommitWords } from '../commit-statuses.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { deploymentIn } from './deployment-link.ts';
import { createEnvironments, type Tier } from './environments.ts';
import type { GitlabPlace } from './place.ts';
import { type DeploymentWord, wordOf } from './states.ts';

type Row = {
  readonly id: number;
  readonly sha: string;
  readonly status: string;
  readonly created_at: string;
  /** The job of GitLab's own CI that this is the deployment of. */
  readonly deployable?: object | null;
  readonly environment?: { readonly id: number };
};

export type DeploymentsOptions = {
  readonly place: GitlabPlace;
  readonly forge: ForgeHttp;
  readonly order: Order;
  readonly tier: Tier | undefined;
  readonly log: Log;
  /** What the commit was told: there it says which deployments are whose. */
  read(sha: string, patience: Patience): Promise<CommitReading>;
};

export type Deployments = {
  /** Tells the deployment that goes with a status, made where there is none; resolves with its id. */
  tell(sha: string, words: CommitWords, patience: Patience): Promise<string | undefined>;
  /** Ends one of another run, in whose place this run goes on. */
  cancel(id: string, patience: Patience): Promise<void>;
};

const needs =
  'the scope `api` and the role Developer, or to be allowed to deploy to a protected environment';
/** Nothing was begun that a deployment could show. */
const unbegun: readonly State[] = ['error', 'timed_out', 'cancelled', 'superseded', 'inactive'];
const slackMs = 5000;

/** https://docs.gitlab.com/api/deployments/ */
export function createDeployments(options: DeploymentsOptions): Deployments {
  const { place, forge, order, log, read } = options;
  const { project, repo } = place;
  const environments = createEnvironments(options);
  const ids = new Map<string, string>();

  /** A run that was killed may have made one that no status names; one that another run's names is not ours. */
  async function find(
    sha: string,
    environment: string,
    { link }: CommitWords,
    patience: Patience,
  ): Promise<Row | undefined> {
    const query = new URLSearchParams({
      ...{ environment, status: 'running', order_by: 'id', sort: 'desc', per_page: '100' },
    });
    const url = `${project}/deployments?${query}`;
    const question = { url, thing: 'its deployments', absent: [], ...patience };
    const rows = await ask(forge, place, question, (body) => [...(body as readonly Row[])]);
    const began = (readLink(link)?.seq ?? 0) - slackMs;
    const open = (rows ?? []).filter(
      (row) => row.sha === sha && (row.deployable || Date.parse(row.created_at) >= began),
    );
    if (open.length === 0) return undefined;
    const key = readLink(link)?.key;
    const { posted } = await read(sha, patience);
    const namedBy = (isOurs: boolean) =>
      posted
        .filter(({ marker }) => marker && (marker.key === key) === isOurs)
        .map((status) => deploymentIn(status.link));
    const [ours, theirs] = [namedBy(true), namedBy(false)];
    return (
      open.find(({ id }) => ours.includes(String(id))) ??
      open.find(({ id }) => !theirs.includes(String(id)))
    );
  }

  async function isTag(ref: string, patience: Patience): Promise<boolean> {
    const url = `${place.api}/tags/${encodeURIComponent(ref)}`;
    return (
      (await ask(forge, place, { url, thing: `tag ${ref}`, ...patience }, () => true)) ?? false
    );
  }

  async function create(
    sha: string,
    environment: string,
    status: DeploymentWord,
    patience: Patience,
  ): Promise<Row> {
    const ref = order.commit === sha ? order.ref : undefined;
    const tag = ref !== undefined && (await isTag(ref, patience));
    const body = { environment, sha, ref: ref ?? sha, tag, status };
    const made = await send(forge, place, {
      ...{ method: 'POST', url: `${project}/deployments`, body, needs },
      ...{ thing: `commit ${sha}`, ...patience },
    } as const);
    return rowIn(made, repo);
  }

  async function update(id: string, status: DeploymentWord, patience: Patience): Promise<void> {
    const url = `${project}/deployments/${id}`;
    const thing = `deployment ${id}`;
    try {
      await send(forge, place, {
        ...{ method: 'PUT', url, body: { status }, needs, thing, ...patience },
      } as const);
    } catch (error) {
      // It refuses to be told what it is already.
      if (!(error instanceof RemoteError) || error.status !== 400) throw error;
      const question = { url, thing, absent: [], ...patience };
      const now = await ask(forge, place, question, (body) => (body as Row).status);
      if (now !== status) throw error;
    }
  }

  return {
    cancel: (id, patience) => update(id, 'canceled', patience),
    async tell(sha, words, patience) {
      const { environment, told, link } = words;
      const word = wordOf(told.state);
      const key = readLink(link)?.key ?? '';
      const known = deploymentIn(link) ?? ids.get(key);
      if (!environment || word === 'pending') return known;
      const found = known === undefined ? await find(sha, environment, words, patience) : undefined;
      if (found?.deployable) {
        log.debug(`GitLab keeps deployment ${found.id} itself: it is of a job with an environment`);
        return undefined;
      }
      const id = known ?? (found && String(found.id));
      if (id === undefined && unbegun.includes(told.state)) return undefined;
      const row = id === undefined ? await create(sha, environment, word, patience) : undefined;
      const own = id ?? String(row?.id);
      ids.set(key, own);
      if (id !== undefined) await update(id, word, patience);
      await environments.tell(environment, row?.environment?.id, told, patience);
      return own;
    },
  };
}

function rowIn(body: unknown, repo: string): Row {
  const row = body as Partial<Row> | undefined;
  if (Number.isSafeInteger(row?.id)) return row as Row;
  const message = `the deployment of ${repo} has no id: is there a proxy in between?`;
  throw new RemoteError(message, { kind: 'unavailable', unknown: true });
}
