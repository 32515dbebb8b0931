import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Execute, Executed } from '../../src/engine/carry.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Stop } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import type { Lease, Store } from '../../src/store/store.ts';
import { accepted, sceneDeps } from '../store/ground.ts';

const engines = suite('engine');

/** One execution under way, which ends when the test says so. */
type Act = {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  end(executed: Executed): void;
};
type Scene = { readonly store: Store; readonly engine: Engine; readonly acts: readonly Act[] };

const test = (title: string, play: (scene: Scene) => Promise<void>, resumes = true): void =>
  engines(title, async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-engine-'));
    const { deps } = sceneDeps();
    const store = await openStore({ dataDir }, deps);
    const acts: Act[] = [];
    const execute: Execute = (lease, signal) => {
      const { promise, resolve } = Promise.withResolvers<Executed>();
      acts.push({ lease, signal, end: resolve });
      return { resumes, done: promise };
    };
    const engine = createEngine({
      ...{ store, execute, owner: 'test', concurrency: 2, leaseMs: 15_000 },
      ...deps,
    });
    try {
      engine.start();
      await play({ store, engine, acts });
      await engine.drain(0);
    } finally {
      await store.close();
      rmSync(dataDir, { recursive: true });
    }
  });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries === 200) throw new Error('it never was so');
    await pause(10);
  }
}
const success: Executed = { status: 'SUCCESS', words: { text: 'deployed' } };

test('carries as many runs at once as it may, each slot one at a time', async (scene) => {
  const { store, engine, acts } = scene;
  for (const slot of ['a', 'a', 'b', 'c']) await accepted(store, { slot });
  await until(() => acts.length === 2);
  assert.equal(
    acts.map(({ lease }) => lease.run.slot),
    ['a', 'b'],
  );
  acts[0]?.end(success);
  await until(() => acts.length === 3);
  assert.is(acts[2]?.lease.run.slot, 'a');
  assert.is(engine.running(), 2);
  for (const act of acts) act.end(success);
  await until(() => acts.length === 4);
  acts[3]?.end(success);
  await until(async () => (await store.counts()).byStatus.SUCCESS === 4);
});

test('still has a run that it took again, when its first attempt ends', async (scene) => {
  const { store, engine, acts } = scene;
  await accepted(store);
  await until(() => acts.length === 1);
  // As a lease ends that nobody could renew, since the database was away.
  await acts[0]?.lease.release();
  await until(() => acts.length === 2);
  acts[0]?.end(success);
  await pause(50);
  assert.is(engine.running(), 1);
  assert.is((await store.counts()).byStatus.IN_PROGRESS, 1);
  const { id } = (acts[1] as Act).lease.run;
  await store.cancel(id, 'ci');
  await until(() => (acts[1] as Act).signal.aborted);
  acts[1]?.end({ status: 'CANCELED', words: { text: 'cancelled' } });
  await until(async () => (await store.runs.get(id))?.status === 'CANCELED');
});

test('takes a run whose end was asked for while nobody had it as one to stop', async (scene) => {
  const { store, engine, acts } = scene;
  await accepted(store);
  await until(() => acts.length === 1);
  const { lease, signal, end } = acts[0] as Act;
  await store.cancel(lease.run.id, 'ci', 'wrong commit');
  await until(() => signal.aborted);
  await lease.release();
  await until(() => acts.length === 2);
  assert.equal(acts[1]?.signal.reason, { kind: 'request', reason: 'wrong commit (ci)' });
  end(success);
  acts[1]?.end({ status: 'CANCELED', words: { text: 'cancelled' } });
  await until(() => engine.running() === 0);
});

test('hands over at a drain what can be gone on with, and stops it nowhere', async (scene) => {
  const { store, engine, acts } = scene;
  await accepted(store);
  await until(() => acts.length === 1);
  await engine.drain(0);
  assert.is(acts[0]?.signal.aborted, false);
  assert.is((await store.claim('another'))?.attempt, 2);
});

test(
  'stops at a drain what nobody could go on with, and keeps its last word',
  async ({ store, engine, acts }) => {
    const { id } = await accepted(store);
    await until(() => acts.length === 1);
    const act = acts[0] as Act;
    act.signal.addEventListener('abort', () =>
      act.end({ status: 'ERROR', words: { text: 'not known' } }),
    );
    await engine.drain(0);
    assert.is((act.signal.reason as Stop).kind, 'shutdown');
    assert.is((await store.runs.get(id))?.status, 'ERROR');
  },
  false,
);

engines.run();
