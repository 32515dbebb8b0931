import { CheckoutError, quoted, RemoteError } from '../../errors.ts';
import { itemsIn, type Repository } from './repository.ts';
import type { Session } from './session.ts';

/** One item of a tree. Nothing in it is believed yet but its shape. */
export type Entry =
  | { readonly kind: 'folder'; readonly path: string }
  | ({ readonly kind: 'file' | 'program' | 'link' } & Blob);

export type Blob = {
  readonly path: string;
  readonly bytes: number;
  /** Hex in lower case, of the bytes as they are in the tree. */
  readonly hash: string;
  /** Where the bytes are for a while, without any credential. */
  readonly link?: string;
  /** The bytes themselves, in base64. */
  readonly inline?: string;
};

type Page = {
  readonly entries: readonly Entry[];
  readonly received: number;
  readonly whole?: number;
};

const perPage = 1000;

/** The whole tree of one commit in pages, one ahead of whoever reads them. */
export async function* readEntries(
  session: Session,
  repository: Repository,
  commit: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[]> {
  let received = 0;
  const ask = (): Promise<Page> => {
    const asked = readPage(session, repository, commit, received, signal);
    // It is waited for later, and must not be taken for forgotten until then.
    asked.catch(() => {});
    return asked;
  };
  for (let coming = ask(); ; ) {
    const page = await coming;
    received += page.received;
    // A server may give fewer than it was asked for: only an empty page is the end, or all that it expects.
    const isOver = page.received === 0 || received === page.whole;
    if (!isOver) coming = ask();
    yield page.entries;
    if (!isOver) continue;
    if (received < (page.whole ?? 0)) throw cutShort(commit, received, page.whole);
    return;
  }
}

/** One harmless read that shows whether the tree can be had. */
export async function probeTree(
  session: Session,
  repository: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  await askTree(session, repository, commit, { recurse: 'false', limit: '1' }, signal, itemsIn);
}

const readPage = (
  session: Session,
  repository: Repository,
  commit: string,
  skip: number,
  signal: AbortSignal,
): Promise<Page> => {
  const query = {
    ...{ recurse: 'true', include_download_urls: 'true', use_selective_sync: 'false' },
    ...{ limit: String(perPage), skip: String(skip) },
  };
  return askTree(session, repository, commit, query, signal, (body) => {
    const items = itemsIn(body);
    const { total_expected_items: whole } = body as Record<string, unknown>;
    return {
      entries: items.flatMap(entryOf),
      received: items.length,
      ...(typeof whole === 'number' ? { whole } : {}),
    };
  });
};

async function askTree<T>(
  session: Session,
  { id }: Repository,
  commit: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  read: (body: unknown) => T,
): Promise<T> {
  const path = `/repos/${id}/trees/${commit}?${new URLSearchParams(query)}`;
  const found = await session.ask(path, { thing: `the tree of ${commit}`, signal }, read);
  if (found !== undefined) return found;
  throw new RemoteError(`Diversion has no tree of ${commit}`, { kind: 'permission' });
}

const kinds = new Map<unknown, Entry['kind']>([
  [0o40755, 'folder'],
  [0o100644, 'file'],
  [0o100755, 'program'],
  [0o120000, 'link'],
]);
const deleted = 4;

function entryOf(item: Record<string, unknown>): readonly Entry[] {
  const { path, mode, status, blob } = item;
  if (status === deleted) return [];
  const kind = kinds.get(mode);
  if (typeof path !== 'string' || path === '') throw new TypeError('an item has a path');
  if (!kind) {
    const what = `${quoted(path)}, which is neither file nor folder nor link (mode ${Number(mode)})`;
    throw new CheckoutError(`The tree holds ${what}`);
  }
  if (kind === 'folder') return [{ kind, path }];
  const { size, sha, temp_download_url: link, content_base64: inline } = blob as typeof item;
  if (
    typeof sha !== 'string' ||
    typeof size !== 'number' ||
    !Number.isSafeInteger(size) ||
    size < 0
  )
    throw new TypeError('a file has a size and a hash');
  return [
    {
      ...{ kind, path, bytes: size, hash: sha.toLowerCase() },
      ...(typeof link === 'string' && link ? { link } : {}),
      ...(typeof inline === 'string' ? { inline } : {}),
    },
  ];
}

const cutShort = (commit: string, received: number, whole = 0): RemoteError =>
  new RemoteError(
    `The tree of ${commit} is not whole: Diversion sent ${received} items of the ${whole} that it expects`,
    { kind: 'unavailable' },
  );
