import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import * as assert from 'uvu/assert';
import type { Checkout } from '../../../src/checkout/checkout.ts';
import { diversion } from '../../../src/checkout/diversion.ts';
import type { Order } from '../../../src/order.ts';
import { clientId } from '../../support/diversion/fake-diversion.ts';
import { order } from '../../support/job.ts';
import { inScene, type Scene, type Settings, token } from '../stage.ts';
import { inFolder, type Tree, treeOf } from './ground.ts';

export const trees = {
  'dv.commit.1': { 'a.txt': 'one', 'src/b.txt': 'one' },
  'dv.commit.2': { 'a.txt': 'two', 'src/b.txt': 'two', link: '-> a.txt', out: '-> /etc/passwd' },
  'dv.commit.3': { 'a.txt': 'three' },
};
const refs = { main: 'dv.commit.2', next: 'dv.commit.3', side: 'dv.commit.1', v1: 'dv.commit.1' };
export const { out: _, ...second } = trees['dv.commit.2'];

export type Met = {
  readonly scene: Scene;
  open(settings?: Settings, changes?: Partial<Order>): Checkout;
  fetch(settings?: Settings, changes?: Partial<Order>): Promise<Tree>;
  /** Lines that the program has noted. */
  noted(file: 'calls' | 'deleted' | 'agents' | 'uploaded' | 'complaints'): readonly string[];
  /** Workspaces that are still there. */
  workspaces(): readonly string[];
  said(): string;
  /** How long anybody wanted to wait, in ms. */
  readonly pauses: readonly number[];
  /** What goes wrong from here on. */
  plan(faults: Readonly<Record<string, string>>): void;
  /** Variables by which the program is found, and its world. */
  readonly env: Readonly<Record<string, string>>;
};

/** The fake program on PATH, with what goes wrong; afterwards no agent is left, and nothing was sent. */
export async function withProgram(
  faults: Readonly<Record<string, string>>,
  play: (met: Met) => Promise<void>,
  /** So many times as fast as it says. */
  haste = 10,
): Promise<void> {
  await inFolder((folder) =>
    inScene(async (scene) => {
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      const program = join(import.meta.dirname, '../../support/diversion/dv.ts');
      writeFileSync(join(bin, 'dv'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
      chmodSync(join(bin, 'dv'), 0o755);
      const plan: Met['plan'] = (wrong) => {
        const world = { token, clientId, trees, refs, faults: wrong };
        writeFileSync(join(folder, 'world.json'), JSON.stringify(world));
      };
      plan(faults);
      const noted: Met['noted'] = (file) =>
        existsSync(join(folder, file))
          ? readFileSync(join(folder, file), 'utf8').trim().split('\n')
          : [];
      const settings = { checkout: 'diversion', diversion_repo: 'hello', diversion_token: token };
      const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, FAKE_DV: folder };
      const pauses: number[] = [];
      const clock = {
        now: () => Date.now(),
        pause: (ms: number, signal?: AbortSignal) =>
          new Promise<void>((resolve) => {
            pauses.push(ms);
            const timer = setTimeout(resolve, ms > 60_000 ? 2_000_000 : ms / haste);
            signal?.addEventListener('abort', () => {
              clearTimeout(timer);
              resolve();
            });
            if (signal?.aborted) resolve();
          }),
      };
      const open: Met['open'] = (more = {}, changes = {}) =>
        scene.open(
          { ...settings, diversion_method: 'dv', ...more },
          { ...elsewhere, ...changes },
          diversion,
          { env, clock },
        );
      const said = (): string => [...scene.notes.lines, ...scene.progress].join('\n');
      await play({
        ...{ scene, open, noted, said, pauses, plan, env },
        workspaces: () => readdirSync(folder).filter((name) => name.startsWith('dv.ws.')),
        async fetch(more, changes) {
          const checkout = open(more, changes);
          try {
            const tree = await checkout.fetch(order, scene.fetching);
            // What a build does.
            writeFileSync(join(tree, 'built.o'), 'never to be sent');
            await new Promise((resolve) => setTimeout(resolve, 50));
            rmSync(join(tree, 'built.o'));
            return treeOf(tree);
          } finally {
            await checkout.release();
          }
        },
      });
      assert.equal(noted('agents').filter(lives), [], 'no agent is left');
      assert.equal(noted('uploaded'), [], 'nothing is sent');
      assert.equal(noted('complaints'), []);
      assert.not.match(said(), token);
      assert.equal(
        readdirSync(scene.cwd).filter((name) => name.startsWith('slipway-')),
        [],
      );
    }),
  );
}

export const elsewhere = {
  ...{ forge: 'diversion', repo: 'hello' },
  ...{ commit: undefined, ref: undefined },
} as unknown as Partial<Order>;

function lives(id: string): boolean {
  try {
    return kill(Number(id), 0) && readFileSync(`/proc/${id}/environ`, 'utf8') !== '';
  } catch {
    return false;
  }
}
