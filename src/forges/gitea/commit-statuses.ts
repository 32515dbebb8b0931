import { ask, send } from '../asking.ts';
import { commitsSeen, fromCommits } from '../commit-lists.ts';
import { type CommitReading, type CommitStatuses, commitState } from '../commit-statuses.ts';
import type { ForgeState, Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { commitPosted } from '../posted.ts';
import { orGogs } from './gogs.ts';
import { brief, type GiteaPlace } from './place.ts';

type Row = {
  readonly id: number;
  /** Not `state`, under which it is posted. */
  readonly status: string;
  readonly context: string;
  readonly target_url: string | null;
  readonly description: string | null;
  readonly created_at: string;
};

/** What Gitea gives at most unless its operator says otherwise. */
const pageSize = 50;

/** https://docs.gitea.com/api/ (repoListStatuses, repoCreateStatus); Forgejo answers alike, and Gogs has none of it. */
export function createCommitStatuses(place: GiteaPlace, forge: ForgeHttp): CommitStatuses {
  const { api, webUrl } = place;

  async function read(sha: string, patience: Patience): Promise<CommitReading> {
    const url = `${api}/statuses/${sha}?sort=highestindex&limit=${pageSize}`;
    const posted = await ask(forge, place, { url, thing: `commit ${sha}`, ...patience }, (body) =>
      [...(body as readonly Row[])].toSorted((a, b) => b.id - a.id).map(shownOf),
    );
    return { posted: posted ?? [] };
  }

  const common = fromCommits({
    ...{ place, forge, read, url: `${api}/commits`, start: 'sha' },
    query: `limit=${commitsSeen}&${brief}`,
    idsIn: (body) => (body as readonly { readonly sha: unknown }[]).map(({ sha }) => sha),
  });

  return {
    ...common,
    history: (where, patience) =>
      orGogs(forge, place, patience, () => common.history(where, patience)),
    pageOf: (sha) => `${webUrl}/commit/${sha}`,
    stateOf: commitState,
    async post(sha, { state, context, description, link }, patience) {
      const told = {
        ...({ method: 'POST', url: `${api}/statuses/${sha}`, thing: `commit ${sha}` } as const),
        body: { state, context, description, ...(link ? { target_url: link } : {}) },
        needs: 'the scope `write:repository` and the right to push',
        shows: 'id',
      };
      await orGogs(forge, place, patience, () => send(forge, place, { ...told, ...patience }));
    },
  };
}

/** `warning` and `skipped` are others' words. */
const stateIn = (status: string): ForgeState => {
  if (status === 'pending' || status === 'success' || status === 'failure') return status;
  return status === 'skipped' ? 'success' : 'error';
};

const shownOf = ({ status, context, target_url: link, description, created_at: at }: Row) =>
  commitPosted({ context, state: stateIn(status), at, link, description });
