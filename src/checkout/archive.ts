import { durationText } from '../duration.ts';
import { messageOf, RemoteError, SettingsError } from '../errors.ts';
import type { Archives } from '../forges/archives.ts';
import type { Order } from '../order.ts';
import type { Values } from '../settings/define.ts';
import type { general } from '../settings/general.ts';
import { forgeOf } from './archive/source.ts';
import type { Unpacked } from './archive/unpack.ts';
import type { Checkout, CheckoutDeps, CheckoutEntry, Fetching } from './checkout.ts';
import { createFolder, type Folder } from './tree/folder.ts';
import { sizeText } from './tree/size.ts';

/** The forge's tarball at the exact commit: what a process without a workspace deploys from. */
export const archive: CheckoutEntry = archiveFrom(forgeOf);

export function archiveFrom(chooseForge: typeof forgeOf): CheckoutEntry {
  return {
    id: 'archive',
    credentials: (loaded, order) => chooseForge(loaded, order).credentials(loaded, order),
    open(loaded, order, deps) {
      const archives = chooseForge(loaded, order).open(loaded, order, deps);
      if (!order.commit && !order.deploymentId) commitOf(order);
      const { checkoutLimit } = loaded.values as Values<typeof general>;
      return createCheckout({ archives, most: checkoutLimit * 1024 * 1024, deps });
    },
  };
}

type Kit = {
  readonly archives: Archives;
  /** Most bytes of an archive, packed and unpacked. */
  readonly most: number;
  readonly deps: CheckoutDeps;
};

function createCheckout(kit: Kit): Checkout {
  const { archives, deps } = kit;
  let folder: Folder | undefined;
  let fetching: Promise<unknown> | undefined;
  return {
    id: 'archive',
    plan: ({ commit }) => [
      `fetch the tree of ${archives.place} at ${commit ?? "the deployment's commit"} as an archive`,
    ],
    check: ({ commit }, signal) => archives.check(commit, signal),
    async fetch(order, within) {
      const commit = commitOf(order);
      const name = order.repo?.split('/').at(-1) ?? 'tree';
      folder = createFolder(deps.scratch, name);
      const tree = fetchTree(kit, folder, commit, within);
      fetching = tree;
      return tree;
    },
    async release() {
      await fetching?.catch(() => {});
      await folder?.remove().catch((error: unknown) => {
        deps.log.warn(`the fetched tree could not be removed: ${messageOf(error)}`);
      });
    },
  };
}

const progressEveryMs = 10_000;

async function fetchTree(
  { archives, most, deps }: Kit,
  folder: Folder,
  commit: string,
  { signal, until, progress }: Fetching,
): Promise<string> {
  const { clock, log } = deps;
  const startedAt = clock.now();
  // Loaded with the first archive: nothing else needs it.
  const { unpack } = await import('./archive/unpack.ts');
  progress(`fetching the tree of ${archives.place} at ${commit}`);
  let tree = '';
  const take = async (body: AsyncIterable<Uint8Array>, { headers }: Head): Promise<Unpacked> => {
    tree = await folder.fresh();
    const packed = gzipOf(watched(body), headers['content-type']);
    return unpack(packed, { root: tree, commit, most, signal });
  };
  const watched = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let saidAt = clock.now();
    for await (const piece of body) {
      bytes += piece.length;
      if (clock.now() - saidAt >= progressEveryMs) {
        saidAt = clock.now();
        progress(`${sizeText(bytes)} of the archive fetched`);
      }
      yield piece;
    }
  };
  const cure = 'if that is right, raise checkout_limit';
  const wanted = { commit, most, cure, take, signal, until };
  const { files, bytes, warnings } = await archives.fetch(wanted);
  for (const warning of warnings) log.warn(warning);
  const took = durationText(clock.now() - startedAt);
  log.info(`the tree has ${files} files (${sizeText(bytes)}), fetched in ${took}`);
  return tree;
}

type Head = { readonly headers: Readonly<Record<string, string | undefined>> };

/** A log-in page with status 200 is no archive. */
async function* gzipOf(
  body: AsyncIterable<Uint8Array>,
  type: string | undefined,
): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const piece of body) {
    if (!start) {
      yield piece;
      continue;
    }
    start = Buffer.concat([start, piece]);
    if (start.length < 2) continue;
    if (start[0] !== 0x1f || start[1] !== 0x8b) {
      const what = type?.split(';')[0] ?? 'something';
      const message = `The answer is ${what}, not an archive: does the credential work for archives, and is there a proxy or a login page in between?`;
      throw new RemoteError(message, { kind: 'refused' });
    }
    yield start;
    start = undefined;
  }
}

function commitOf({ commit, deploymentId }: Order): string {
  if (commit && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(commit)) return commit.toLowerCase();
  const why = deploymentId ? `: nobody could read it from deployment ${deploymentId}` : '';
  const message = `is required to fetch the tree at it (checkout: archive)${why}`;
  throw new SettingsError([{ name: 'commit', message }]);
}
