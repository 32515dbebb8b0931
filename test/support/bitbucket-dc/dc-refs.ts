import { type Forge, serveForge, type Told, told, unknown } from '../forge/server.ts';
import { history } from '../github/git.ts';
import type { Repo } from '../github/world.ts';

/** Branches, tags and commits of a Bitbucket Data Center with one repository. */
export function fakeDcRefs(repo: string, token: string): Promise<Forge> {
  const [project, name] = repo.split('/');
  const api = `/rest/api/latest/projects/${project}/repos/${name}`;
  return serveForge({
    read: () => undefined,
    tell: (url, git) =>
      url.pathname.startsWith(`${api}/`)
        ? tell(url, url.pathname.slice(api.length), git)
        : undefined,
    credential: ['authorization', `Bearer ${token}`],
    refusal: (status) => JSON.stringify({ errors: [{ message: `Not so: ${status}` }] }),
    shown: (id) => ({ id }),
  });
}

function tell({ searchParams: query }: URL, rest: string, git: Repo): Told | undefined {
  const [, group] = /^\/(branches|tags)$/.exec(rest) ?? [];
  if (group) {
    const part = (query.get('filterText') ?? '').toLowerCase();
    const refs = [...(group === 'tags' ? git.tags : git.branches)]
      .filter(([ref]) => ref.toLowerCase().includes(part))
      .map(([ref, commit]) => shown(ref, commit, git));
    return paged(refs, query);
  }
  const [, tag] = /^\/tags\/(.+)$/.exec(rest) ?? [];
  if (tag) {
    const commit = git.tags.get(decodeURIComponent(tag));
    return commit ? told(shown(decodeURIComponent(tag), commit, git)) : unknown;
  }
  if (rest !== '/commits') return undefined;
  const [until = '', since = ''] = [query.get('until') ?? '', query.get('since') ?? ''];
  if (!git.commits.has(until) || !git.commits.has(since)) return unknown;
  const had = new Set(history(git, since).map(({ sha }) => sha));
  const missing = history(git, until).filter(({ sha }) => !had.has(sha));
  return paged(
    missing.map(({ sha: id }) => ({ id })),
    query,
  );
}

const shown = (displayId: string, latestCommit: string, git: Repo) => ({
  ...{ displayId, latestCommit, hash: git.annotated.get(displayId) ?? null },
});

function paged(all: readonly object[], query: URLSearchParams): Told | undefined {
  const [start, limit] = [Number(query.get('start') ?? 0), Number(query.get('limit'))];
  if (!Number.isInteger(start) || !(limit > 0)) return undefined;
  const isLastPage = start + limit >= all.length;
  const next = isLastPage ? { nextPageStart: null } : { nextPageStart: start + limit };
  return told({ values: all.slice(start, start + limit), isLastPage, ...next });
}
