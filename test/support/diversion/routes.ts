import type { FakeFile } from './world.ts';
import { type Repo, viewOf } from './world.ts';

export type Exchange = 'token' | 'repo' | 'refs' | 'tree' | 'blob' | 'storage' | 'workspace';

export type Reply =
  | { readonly status: number; readonly json?: object }
  /** The bytes of a file, however it is handed out. */
  | { readonly path: string; readonly file: FakeFile };
export type Routed = { readonly exchange: Exchange; readonly reply: Reply };

export type Context = {
  readonly repo: Repo;
  readonly perPage: number;
  readonly tellsTotal: boolean;
  readonly deleted: Set<string>;
  link(path: string, file: FakeFile): string;
  complain(text: string): void;
  /** Called before each page of a tree. */
  onPage(skip: number): void;
};

const ok = (json: object): Reply => ({ status: 200, json });
const gone: Reply = { status: 404, json: { status: 404, detail: 'Not found' } };
const list = (object: string, items: readonly object[]): Reply => ok({ object, items });

/** What the API answers; undefined: no such route. */
export function route(method: string, url: URL, context: Context): Routed | undefined {
  const { repo, complain } = context;
  const [, first, ...rest] = url.pathname.split('/').slice(1);
  if (first !== 'repos' || !url.pathname.startsWith('/v0/')) return undefined;
  const [id, group, ref = '', ...more] = rest.map(decodeURIComponent);
  if (method === 'DELETE' && group === 'workspaces') {
    context.deleted.add(ref);
    return { exchange: 'workspace', reply: { status: 204 } };
  }
  if (method !== 'GET') return undefined;
  const view = viewOfRepo(repo);
  if (id === undefined) return { exchange: 'repo', reply: list('Repo', [view]) };
  if (group === undefined) {
    const isKnown = id === repo.id || id === repo.name;
    return { exchange: 'repo', reply: isKnown ? ok(view) : gone };
  }
  if (id !== repo.id) complain(`${url.pathname} does not go by the repository's id`);
  const named = group === 'branches' || group === 'tags' ? repo[group] : undefined;
  if (named) {
    // Measured by others.
    if (ref !== '') return { exchange: 'refs', reply: { status: 500 } };
    return { exchange: 'refs', reply: list('Ref', [...named].map(viewOfRef(group))) };
  }
  if (group === 'commits') return { exchange: 'refs', reply: commits(url, ref, repo) };
  if (!ref.startsWith('dv.commit.')) complain(`${url.pathname} may change while it is read`);
  const commit = repo.commits.get(ref);
  if (group === 'trees') {
    return { exchange: 'tree', reply: commit ? tree(url, commit, context) : gone };
  }
  if (group !== 'blobs') return undefined;
  const path = more.join('/');
  const file = commit?.files.get(path);
  return { exchange: 'blob', reply: file ? { path, file } : gone };
}

const viewOfRepo = ({ id, name, digest, branches }: Repo): object => ({
  ...{ repo_id: id, repo_name: name, size_bytes: 1 },
  ...{ default_branch_id: branches.get('main')?.id ?? null, default_branch_name: 'main' },
  ...(digest ? { digest_method: digest } : {}),
});

const viewOfRef =
  (group: string) =>
  ([name, { id, commit }]: [string, { readonly id: string; readonly commit: string }]) =>
    group === 'branches'
      ? { branch_id: id, branch_name: name, commit_id: commit, author: {}, time: 1 }
      : { id, name, commit_id: commit, author: {}, time: 1 };

function commits(url: URL, ref: string, { commits, branches }: Repo): Reply {
  const view = (id: string): object => {
    const found = commits.get(id);
    return {
      commit_id: id,
      created_ts: 1,
      branch_id: found?.branch,
      author: {},
      parents: found?.parents,
    };
  };
  if (ref !== '') return commits.has(ref) ? ok(view(ref)) : gone;
  const [from = ''] = url.searchParams.getAll('ref_ids');
  const history: string[] = [];
  const named = [...branches.values()].find(({ id }) => id === from)?.commit ?? from;
  for (let at: string | undefined = named; at; at = commits.get(at)?.parents[0]) history.push(at);
  const skip = Number(url.searchParams.get('skip') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 100);
  return list('Commit', history.slice(skip, skip + limit).map(view));
}

const known = 'recurse include_download_urls use_selective_sync limit skip'.split(' ');

function tree(
  url: URL,
  { files }: { readonly files: ReadonlyMap<string, FakeFile> },
  context: Context,
): Reply {
  const { repo, perPage, tellsTotal, complain, link, onPage } = context;
  const query = url.searchParams;
  for (const name of query.keys()) if (!known.includes(name)) complain(`a tree has no ${name}`);
  const skip = Number(query.get('skip') ?? 0);
  const limit = Math.min(Number(query.get('limit') ?? 1500), perPage);
  onPage(skip);
  const links = query.get('include_download_urls') === 'true';
  const items = [...files].slice(skip, skip + limit).map(([path, file]) => {
    const isLinked = links && file.kind !== 'folder' && (file.by ?? 'link') === 'link';
    return viewOf(repo, path, file, isLinked ? link(path, file) : undefined);
  });
  const total = tellsTotal ? { total_expected_items: files.size } : {};
  return ok({ object: 'FileEntry', items, ...total });
}
