import { createHash } from 'node:crypto';

export type FakeFile = {
  readonly kind?: 'file' | 'program' | 'link' | 'folder';
  readonly body?: string | Uint8Array;
  /** How often the body comes, one after the other, in a file that nobody holds; by a link in the tree only. */
  readonly times?: number;
  /** What the tree says of it, where that lies. */
  readonly said?: { readonly sha?: string; readonly size?: number; readonly mode?: number };
  /** How its bytes are handed out: by a link in the tree, a 204 or a redirect of the API, or as they are. */
  readonly by?: 'link' | '204' | '302' | 'api' | 'inline';
  /** Kept gzipped; `told`: and an answer says so. */
  readonly packed?: boolean | 'told';
  /** It is a part of a larger object. */
  readonly ranged?: boolean;
};
export type Files = Readonly<Record<string, string | FakeFile>>;

export type Commit = {
  readonly id: string;
  readonly parents: readonly string[];
  readonly branch: string;
  readonly files: ReadonlyMap<string, FakeFile>;
};

export type Repo = {
  readonly id: string;
  readonly name: string;
  readonly digest: 'sha1' | 'md5' | undefined;
  readonly branches: Map<string, { readonly id: string; readonly commit: string }>;
  readonly tags: Map<string, { readonly id: string; readonly commit: string }>;
  readonly commits: Map<string, Commit>;
  /** A new commit on a branch, which is made where there is none. */
  commit(files: Files, branch?: string): string;
  tag(name: string, commit: string): void;
};

export const repoId = 'dv.repo.0d5c6b1e-7e4c-4f4b-9f0a-5a8f0b1c2d3e';

export function createRepo(digest: Repo['digest'] = 'sha1', name = 'hello'): Repo {
  const repo: Repo = {
    ...{ id: repoId, name, digest },
    branches: new Map(),
    tags: new Map(),
    commits: new Map(),
    commit(files, branch = 'main') {
      const id = `dv.commit.${repo.commits.size + 1}`;
      const before = repo.branches.get(branch);
      const branchId = before?.id ?? `dv.branch.${repo.branches.size + 1}`;
      const all = Object.entries(files).map(([path, file]): [string, FakeFile] => [
        path,
        typeof file === 'string' ? { body: file } : file,
      ]);
      repo.commits.set(id, {
        ...{ id, branch: branchId, parents: before ? [before.commit] : [] },
        files: new Map([...foldersOf(all), ...all]),
      });
      repo.branches.set(branch, { id: branchId, commit: id });
      return id;
    },
    tag: (tag, commit) => void repo.tags.set(tag, { id: `dv.tag.${repo.tags.size + 1}`, commit }),
  };
  return repo;
}

/** Diversion names every folder too. */
function foldersOf(files: readonly (readonly [string, FakeFile])[]): [string, FakeFile][] {
  const folders = new Set<string>();
  for (const [path] of files) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1)
      folders.add(parts.slice(0, depth).join('/'));
  }
  const isPlain = (path: string): boolean => /^[^/.][^/]*(?:\/[^/.][^/]*)*$/.test(path);
  return [...folders].filter(isPlain).map((path) => [path, { kind: 'folder' }]);
}

export const bytesOf = ({ body = '' }: FakeFile): Buffer => Buffer.from(body as string);

const modes = { folder: 16877, file: 33188, program: 33261, link: 40960 };

/** One item of a tree, as the API shows it. */
export function viewOf(repo: Repo, path: string, file: FakeFile, link: string | undefined): object {
  const { kind = 'file', said, by, times = 1 } = file;
  const bytes = bytesOf(file);
  const blob = {
    storage_uri: `blobs/${path}`,
    storage_backend: 1,
    size: said?.size ?? bytes.length * times,
    sha: said?.sha ?? hashOf(repo.digest ?? 'sha1', bytes, times),
    ...(link ? { temp_download_url: link } : {}),
    ...(by === 'inline' ? { content_base64: bytes.toString('base64') } : {}),
  };
  const entry = { path, status: 1, mode: said?.mode ?? modes[kind], hash: 'opaque' };
  return kind === 'folder' ? entry : { ...entry, blob };
}

function hashOf(digest: string, bytes: Buffer, times: number): string {
  const hash = createHash(digest);
  for (let time = 0; time < times; time += 1) hash.update(bytes);
  return hash.digest('hex');
}
