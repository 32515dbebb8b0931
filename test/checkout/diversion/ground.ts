import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Checkout } from '../../../src/checkout/checkout.ts';
import { diversion } from '../../../src/checkout/diversion.ts';
import { walk } from '../../../src/checkout/tree/walk.ts';
import type { Order } from '../../../src/order.ts';
import {
  type FakeDiversion,
  fakeDiversion,
  type Options,
} from '../../support/diversion/fake-diversion.ts';
import { order } from '../../support/job.ts';
import { inScene, type Scene, type Settings, token } from '../stage.ts';

export type Ground = {
  readonly fake: FakeDiversion;
  readonly scene: Scene;
  readonly settings: Settings;
  open(settings?: Settings, changes?: Partial<Order>): Checkout;
  /** Fetches with these settings; what is in the tree then, by path. */
  fetch(settings?: Settings): Promise<Tree>;
  /** Everything that anybody was told. */
  said(): string;
};
export type Tree = Readonly<Record<string, string>>;

/** A Diversion and folders for one test; afterwards nobody has complained and no secret was said. */
export async function onGround(
  options: Omit<Options, 'token'>,
  play: (ground: Ground) => Promise<void>,
): Promise<void> {
  const fake = await fakeDiversion({ token, ...options });
  const settings = {
    ...{ checkout: 'diversion', diversion_repo: 'hello', diversion_token: token },
    ...{ diversion_api_url: fake.url, diversion_auth_url: fake.authUrl },
  };
  try {
    await inScene(async (scene) => {
      const open: Ground['open'] = (more = {}, changes = {}) =>
        scene.open({ ...settings, ...more }, { ...elsewhere, ...changes }, diversion);
      const said = (): string => [...scene.notes.lines, ...scene.progress].join('\n');
      await play({
        ...{ fake, scene, settings, open, said },
        async fetch(more) {
          const checkout = open(more);
          try {
            return treeOf(await checkout.fetch(order, scene.fetching));
          } finally {
            await checkout.release();
          }
        },
      });
      assert.not.match(said(), /tok-4dc1f00d|access-\d|sig=/, 'no secret is said');
    });
    assert.equal(fake.complaints, []);
  } finally {
    await fake.close();
  }
}

/** An order of Diversion's default branch, as the verbs make it. */
const elsewhere = {
  ...{ forge: 'diversion', repo: 'hello' },
  ...{ commit: undefined, ref: undefined },
} as unknown as Partial<Order>;

/** What is in a folder: contents, `-> target` of links, `x ` before a program, `/` of an empty folder. */
export function treeOf(root: string): Tree {
  const found: Record<string, string> = {};
  for (const { parts, path, item } of walk(root)) {
    const name = parts.join('/');
    if (item.isSymbolicLink()) found[name] = `-> ${readlinkSync(path)}`;
    else if (item.isFile()) {
      const mark = statSync(path).mode & 0o100 ? 'x ' : '';
      found[name] = mark + readFileSync(path, 'latin1');
    } else if (readdirSync(path).length === 0) found[name] = '/';
  }
  return found;
}

export async function inFolder(play: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'diversion-'));
  await play(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
}
