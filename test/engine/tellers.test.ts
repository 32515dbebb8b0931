import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTellers } from '../../src/engine/tellers.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store, Telling } from '../../src/store/store.ts';
import { accepted, claimed, sceneDeps } from '../store/ground.ts';
import { until } from './until.ts';

type Told = Telling & { readonly signal: AbortSignal; end(error?: Error): void };
type Scene = {
  readonly store: Store;
  readonly told: readonly Told[];
  readonly warnings: () => readonly string[];
  readonly end: () => Promise<void>;
};

async function onTellers(play: (scene: Scene) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tellers-'));
  const { deps, notes } = sceneDeps();
  const store = await openStore({ dataDir }, deps);
  const told: Told[] = [];
  const end = startTellers({
    ...{ ...deps, store, owner: 'us', leaseMs: 10_000 },
    heard: () => ['hello-production'],
    tell: (telling, signal) =>
      new Promise((resolve, reject) => {
        const settle = (error?: Error): void => (error ? reject(error) : resolve());
        told.push({ ...telling, signal, end: settle });
        signal.addEventListener('abort', () => settle(new Error('stopped')));
      }),
  });
  try {
    await play({ store, told, warnings: () => notes.at('warn'), end });
  } finally {
    await end();
    await store.close();
    rmSync(dataDir, { recursive: true });
  }
}

const waits = { commit: 'c'.repeat(40) };
const due = (store: Store): Promise<readonly string[]> =>
  store.tellings.due(['hello-production'], 0);
const tellers = suite('tellers');

tellers('say that a run waits, and only then that it ended', () =>
  onTellers(async ({ store, told }) => {
    const { id } = await accepted(store, waits);
    await until(() => told.length === 1);
    await store.cancel(id, 'ci');
    await until(() => told[0]?.signal.aborted === true);
    await until(() => told.length === 2);
    assert.equal(
      told.map(({ run }) => run.status),
      ['QUEUED', 'CANCELED'],
    );
    told[1]?.end();
    await until(async () => (await due(store)).length === 0);
  }),
);

tellers('leave a run that is taken to speak for itself', () =>
  onTellers(async ({ store, told, warnings }) => {
    await accepted(store, waits);
    await until(() => told.length === 1);
    await claimed(store);
    await until(() => told[0]?.signal.aborted === true);
    assert.equal(warnings(), []);
    assert.equal(await due(store), []);
  }),
);

tellers('say nothing of what nobody wants to hear, or is taken at once', () =>
  onTellers(async ({ store, told }) => {
    await accepted(store, waits);
    await claimed(store);
    await accepted(store, { ...waits, slot: 'b', deployment: 'silent' });
    const last = await accepted(store, { ...waits, slot: 'c' });
    await until(() => told.length > 0);
    assert.equal(
      told.map(({ run }) => run.id),
      [last.id],
    );
  }),
);

tellers('warn of what could not be told, and come back to it later', () =>
  onTellers(async ({ store, told, warnings }) => {
    const { id } = await accepted(store, waits);
    await until(() => told.length === 1);
    told[0]?.end(new Error('the forge is away'));
    await until(() => warnings().length === 1);
    assert.match(
      warnings()[0] ?? '',
      `The forge may not know how run ${id} stands: the forge is away`,
    );
    assert.equal(await due(store), [], 'not at once');
  }),
);

tellers('leave what is not told yet to the next process', () =>
  onTellers(async ({ store, told, warnings, end }) => {
    const { id } = await accepted(store, waits);
    await until(() => told.length === 1);
    await end();
    assert.ok(told[0]?.signal.aborted);
    assert.equal(await due(store), [id]);
    assert.equal(warnings(), []);
  }),
);

tellers('tell what was there before they were', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tellers-'));
  const { deps } = sceneDeps();
  const store = await openStore({ dataDir }, deps);
  const { id } = await accepted(store, waits);
  await store.tellings.claim(id, 'dead');
  await store.close();
  const next = await openStore({ dataDir }, deps);
  const told: string[] = [];
  const end = startTellers({
    ...{ ...deps, store: next, owner: 'us', leaseMs: 10_000 },
    heard: () => ['hello-production'],
    tell: async ({ run }) => void told.push(run.id),
  });
  await until(() => told.length === 1);
  assert.equal(told, [id]);
  await end();
  await next.close();
  rmSync(dataDir, { recursive: true });
});

tellers.run();
