import { ask } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { commitPosted } from '../posted.ts';
import type { GitlabPlace } from './place.ts';
import { stateIn } from './states.ts';

type Row = {
  readonly id: number;
  readonly status: string;
  readonly name: string;
  readonly target_url: string | null;
  readonly description: string | null;
  readonly created_at: string;
  readonly pipeline_id?: number;
};

export type Listed = {
  readonly id: number;
  /** Older versions do not say it. */
  readonly pipeline: number | undefined;
  readonly posted: ReturnType<typeof commitPosted>;
};

const pageSize = 100;
const mostPages = 10;

/**
 * Statuses of one commit, newest first, GitLab's own jobs among them. Before 17.8 the oldest come first whatever is
 * asked: there the newest are on the last page.
 */
export async function listStatuses(
  place: GitlabPlace,
  forge: ForgeHttp,
  sha: string,
  patience: Patience,
): Promise<readonly Listed[]> {
  const rows: Listed[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const query = `per_page=${pageSize}&all=true&order_by=id&sort=desc${page > 1 ? `&page=${page}` : ''}`;
    const url = `${place.api}/commits/${sha}/statuses?${query}`;
    const question = { url, thing: `commit ${sha}`, ...patience };
    const found = await ask(forge, place, question, (body) =>
      (body as readonly Row[]).map(listedOf),
    );
    rows.push(...(found ?? []));
    const isNewestFirst = (found?.[0]?.id ?? 0) > (found?.at(-1)?.id ?? 0);
    if (!found || found.length < pageSize || isNewestFirst) break;
  }
  return rows.toSorted((a, b) => b.id - a.id);
}

const listedOf = ({ id, pipeline_id: pipeline, ...row }: Row): Listed => {
  const { status, name: context, target_url: link, description, created_at: at } = row;
  const posted = commitPosted({ context, state: stateIn(status), at, link, description });
  return { id, pipeline, posted };
};
