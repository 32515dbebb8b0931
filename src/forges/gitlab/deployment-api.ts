import { RemoteError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { ask, send } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { GitlabPlace } from './place.ts';
import type { DeploymentWord } from './states.ts';

export type DeploymentRow = {
  readonly id: number;
  readonly sha: string;
  readonly status: string;
  readonly created_at: string;
  /** The job of GitLab's own CI that this is the deployment of. */
  readonly deployable?: object | null;
  readonly environment?: { readonly id: number };
};

export type NewDeployment = {
  readonly environment: string;
  readonly sha: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly status: DeploymentWord;
};

export type DeploymentApi = {
  /** The newest of those that are so now, newest first; of an environment, or of all. */
  list(
    environment: string | undefined,
    status: DeploymentWord,
    patience: Patience,
  ): Promise<readonly DeploymentRow[]>;
  create(body: NewDeployment, patience: Patience): Promise<DeploymentRow>;
  /** Says how it is; one that has ended otherwise, or is gone, stays as it is. */
  update(id: string, status: DeploymentWord, patience: Patience): Promise<void>;
  /** Ends one of another run; resolves with how it had ended before. */
  end(id: string, status: DeploymentWord, patience: Patience): Promise<DeploymentWord | undefined>;
};

const needs =
  'the scope `api` and the role Developer, or to be allowed to deploy to a protected environment';
const ends: readonly string[] = ['success', 'failed', 'canceled'];

/** https://docs.gitlab.com/api/deployments/ */
export function createDeploymentApi(place: GitlabPlace, forge: ForgeHttp, log: Log): DeploymentApi {
  const { project } = place;

  /** undefined: somebody has deleted it. */
  const statusOf = (id: string, patience: Patience): Promise<string | undefined> => {
    const question = { url: `${project}/deployments/${id}`, thing: `deployment ${id}` };
    return ask(forge, place, { ...question, ...patience }, (body) => rowIn(body).status);
  };

  async function update(id: string, status: DeploymentWord, patience: Patience): Promise<void> {
    try {
      await send(forge, place, {
        ...{ method: 'PUT', url: `${project}/deployments/${id}`, body: { status } },
        shows: 'id',
        ...{ needs, thing: `deployment ${id}`, ...patience },
      } as const);
    } catch (error) {
      // It refuses to be told what it is already.
      if (!(error instanceof RemoteError) || (error.status !== 400 && error.status !== 404)) {
        throw error;
      }
      const now = await statusOf(id, patience);
      if (now === status) return;
      if (now !== undefined && !ends.includes(now)) throw error;
      const text = now === undefined ? 'is gone' : `is ${now} already, and stays so`;
      log.warn(`deployment ${id} at GitLab ${text}: it was to be ${status}`);
    }
  }

  return {
    update,
    async list(environment, status, patience) {
      const query = new URLSearchParams({
        ...(environment ? { environment } : {}),
        ...{ status, order_by: 'id', sort: 'desc', per_page: '100' },
      });
      const url = `${project}/deployments?${query}`;
      const question = { url, thing: 'its deployments', absent: [], ...patience };
      const rows = await ask(forge, place, question, (body) =>
        (body as readonly unknown[]).map(rowIn),
      );
      return rows ?? [];
    },
    async create(body, patience) {
      const made = await send(forge, place, {
        ...{ method: 'POST', url: `${project}/deployments`, body, needs },
        ...{ thing: `commit ${body.sha}`, shows: 'id', ...patience },
      } as const);
      return made as DeploymentRow;
    },
    async end(id, status, patience) {
      const now = await statusOf(id, patience);
      if (now === undefined) return undefined;
      if (ends.includes(now)) return now as DeploymentWord;
      await update(id, status, patience);
      return undefined;
    },
  };
}

function rowIn(body: unknown): DeploymentRow {
  const row = body as DeploymentRow;
  if (typeof row.id === 'number' && typeof row.status === 'string') return row;
  throw new TypeError('a deployment has an id and a status');
}
