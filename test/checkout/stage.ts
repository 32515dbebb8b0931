import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archive } from '../../src/checkout/archive.ts';
import type {
  Checkout,
  CheckoutDeps,
  CheckoutEntry,
  Fetching,
  Found,
} from '../../src/checkout/checkout.ts';
import type { Stop } from '../../src/errors.ts';
import type { Order } from '../../src/order.ts';
import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { client } from '../support/http-client.ts';
import { order } from '../support/job.ts';
import type { Notes } from '../support/notes.ts';

export const sha = order.commit ?? '';
export const token = 'tok-4dc1f00dbaadcafe';

export type Settings = Readonly<Record<string, string>>;

export const loadedOf = (settings: Settings) => {
  const variables = Object.entries(settings).map(([name, value]) => [
    `PLUGIN_${name.toUpperCase()}`,
    value,
  ]);
  const sources = [fromEnv(Object.fromEntries(variables), 'PLUGIN_')];
  return load(everySetting, sources, { emptyMeansMissing: false, readFile: () => '' });
};

export type Scene = {
  readonly notes: Notes;
  readonly pauses: readonly number[];
  /** The workspace, with one file. */
  readonly cwd: string;
  /** Where trees are put. */
  readonly scratch: string;
  /** What stands there now. */
  left(): readonly string[];
  readonly progress: string[];
  /** What trees turned out to be of. */
  readonly found: readonly Found[];
  readonly fetching: Fetching;
  stop(reason: Stop): void;
  open(
    settings: Settings,
    changes?: Partial<Order>,
    entry?: CheckoutEntry,
    deps?: Partial<CheckoutDeps>,
  ): Checkout;
};

/** Folders and a real client for one test. */
export async function inScene(play: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const cwd = join(folder, 'workspace');
  const scratch = join(folder, 'scratch');
  for (const each of [cwd, scratch]) mkdirSync(each);
  writeFileSync(join(cwd, 'README.md'), 'mine');
  const { http, notes, pauses, end } = client({ timeoutMs: 300 });
  const stopping = new AbortController();
  const progress: string[] = [];
  const found: Found[] = [];
  const scene: Scene = {
    ...{ notes, pauses, cwd, scratch, progress, found },
    left: () => readdirSync(scratch),
    fetching: {
      signal: stopping.signal,
      until: Date.now() + 60_000,
      progress: (text) => void progress.push(text),
      found: (facts) => void found.push(facts),
    },
    stop: (reason) => stopping.abort(reason),
    open(settings, changes = {}, entry = archive, deps = {}) {
      const clock = { now: () => Date.now(), pause: async () => {} };
      const all = { http, clock, log: notes, cwd, scratch: [scratch], env: {}, ...deps };
      return entry.open(loadedOf(settings), { ...order, ...changes }, all);
    },
  };
  try {
    await play(scene);
  } finally {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
}
