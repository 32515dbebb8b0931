import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckoutEntry } from '../../src/checkout/checkout.ts';
import { checkoutEntries } from '../../src/checkout/index.ts';
import type { Order } from '../../src/order.ts';
import { order } from '../support/job.ts';
import { inScene, type Scene, type Settings, token } from './stage.ts';

export type Source = {
  readonly settings: Settings;
  readonly order?: Partial<Order>;
  /** The entry with its places on loopback. */
  readonly entry?: CheckoutEntry;
  close(): Promise<void>;
};

export type Scenario = {
  readonly entry: CheckoutEntry;
  /** Where the tree comes from: it has a README.md. */
  source(): Promise<Source>;
};

type Open = (scene: Scene) => ReturnType<Scene['open']>;

/** Every checkout passes these. */
export function testCheckout(name: string, { entry, source }: Scenario): void {
  const contract = suite(`${name}: checkout contract`);
  const check = (what: string, play: (scene: Scene, open: Open) => Promise<void>): void =>
    void contract(what, async () => {
      const from = await source();
      const mine = { ...order, ...from.order };
      try {
        await inScene((scene) =>
          play(scene, ({ open }) => open(from.settings, mine, from.entry ?? entry)).then(() => {
            const said = [...scene.notes.lines, ...scene.progress].join('\n');
            assert.not.match(said, token, 'no secret is said');
            assert.is(readFileSync(join(scene.cwd, 'README.md'), 'utf8'), 'mine');
          }),
        );
      } finally {
        await from.close();
      }
    });

  contract('is in the registry under its id', () => {
    assert.is(
      checkoutEntries.find(({ id }) => id === entry.id),
      entry,
    );
  });

  check('has a folder with the tree, and no more than a tree', async (scene, open) => {
    const checkout = open(scene);
    assert.is(checkout.id, entry.id);
    const tree = await checkout.fetch(order, scene.fetching);
    assert.ok(statSync(tree).isDirectory());
    assert.ok(existsSync(join(tree, 'README.md')));
    await checkout.release();
  });

  check('leaves nothing behind, and the workspace alone', async (scene, open) => {
    const checkout = open(scene);
    const tree = await checkout.fetch(order, scene.fetching);
    await checkout.release();
    assert.equal(scene.left(), []);
    assert.is(existsSync(tree), tree === scene.cwd);
  });

  check('can be released before it has fetched, and twice', async (scene, open) => {
    const checkout = open(scene);
    await checkout.release();
    await checkout.fetch(order, scene.fetching);
    await Promise.all([checkout.release(), checkout.release()]);
    assert.equal(scene.left(), []);
  });

  check('gives each run a tree of its own, but for the workspace', async (scene, open) => {
    const [one, two] = [open(scene), open(scene)];
    const trees = await Promise.all([one, two].map((each) => each.fetch(order, scene.fetching)));
    assert.ok(trees[0] !== trees[1] || trees[0] === scene.cwd);
    await one.release();
    assert.ok(existsSync(join(trees[1] ?? '', 'README.md')), 'the other is still there');
    await two.release();
    assert.equal(scene.left(), []);
  });

  check('fetches nothing for a run that is over', async (scene, open) => {
    scene.stop({ kind: 'signal', name: 'SIGTERM' });
    const checkout = open(scene);
    const tree = await checkout.fetch(order, scene.fetching).catch(() => undefined);
    assert.ok(tree === undefined || tree === scene.cwd);
    await checkout.release();
    assert.equal(scene.left(), []);
  });

  check('says what it would do, a line each, and does nothing of it', async (scene, open) => {
    for (const line of open(scene).plan(order)) assert.match(line, /^[a-z][^\n]+$/);
    assert.equal(scene.left(), []);
  });

  check('finds that the tree can be had, and writes nothing', async (scene, open) => {
    const findings = await open(scene).check(order, scene.fetching.signal);
    for (const { ok, text } of findings) assert.is(ok, true, text);
    assert.equal(scene.left(), []);
  });

  contract.run();
}
