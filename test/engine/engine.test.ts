import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import type { Execute, Executed } from '../../src/engine/carry.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Stop } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import type { NewRun } from '../../src/store/run.ts';
import type { Lease, Store } from '../../src/store/store.ts';
import { createNotes, type Line } from '../support/job.ts';
import { until } from './until.ts';

const success: Executed = { status: 'SUCCESS', words: { text: 'out' } };

type Begun = {
  readonly id: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  end(executed: Executed): void;
};
type Scene = {
  readonly store: Store;
  readonly engine: Engine;
  readonly begun: readonly Begun[];
  readonly leases: readonly Lease[];
  readonly lines: readonly Line[];
  accept(slot?: string): Promise<string>;
};

const newRun = (slot: string): NewRun => ({
  ...{ deployment: 'hello', slot, repo: 'octo/hello', environment: slot, task: 'deploy' },
  ...{ source: 'api', request: {} },
});

async function onEngine(
  options: { readonly concurrency?: number; readonly resumes?: boolean },
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const { log, lines } = createNotes();
  const store = await openStore({ dataDir: folder }, { clock: systemClock, log });
  const begun: Begun[] = [];
  const leases: Lease[] = [];
  const execute: Execute = (lease, signal) => {
    leases.push(lease);
    const done = new Promise<Executed>((end) => {
      begun.push({ id: lease.run.id, attempt: lease.attempt, signal, end });
    });
    return { resumes: options.resumes ?? true, done };
  };
  const engine = createEngine({
    ...{ store, log, execute, clock: systemClock, owner: 'us', leaseMs: 10_000 },
    concurrency: options.concurrency ?? 2,
  });
  engine.start();
  let slots = 0;
  const accept = async (slot = `slot-${slots++}`): Promise<string> =>
    (await store.accept({ run: newRun(slot), busy: 'queue' })).run.id;
  try {
    await play({ store, engine, begun, leases, lines, accept });
  } finally {
    await engine.drain(0);
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

const engines = suite('engine');

engines('executes so many at once, and one of a slot at a time', () =>
  onEngine({ concurrency: 2 }, async ({ begun, accept, engine }) => {
    const first = await accept('one');
    const second = await accept('one');
    const third = await accept('two');
    const fourth = await accept('three');
    await until(() => begun.length === 2);
    assert.equal(
      begun.map(({ id }) => id),
      [first, third],
    );
    begun[0]?.end(success);
    await until(() => begun.length === 3);
    begun[1]?.end(success);
    await until(() => begun.length === 4);
    assert.equal(new Set(begun.slice(2).map(({ id }) => id)), new Set([second, fourth]));
    for (const each of begun.slice(2)) each.end(success);
    await until(() => engine.running() === 0);
  }),
);

engines('tells a run at once that somebody asked for its end', () =>
  onEngine({}, async ({ store, begun, accept }) => {
    const id = await accept();
    await until(() => begun.length === 1);
    await store.cancel(id, 'mona', 'wrong commit');
    await until(() => begun[0]?.signal.aborted ?? false);
    assert.equal(begun[0]?.signal.reason as Stop, {
      kind: 'request',
      reason: 'wrong commit (mona)',
    });
    begun[0]?.end({ status: 'CANCELED', words: { text: 'cancelled' } });
    await until(async () => (await store.runs.get(id))?.status === 'CANCELED');
  }),
);

engines('still has a run that it took again, when its first attempt ends', () =>
  onEngine({}, async ({ store, engine, begun, leases, accept }) => {
    const id = await accept();
    await until(() => begun.length === 1);
    // As a lease ends that nobody could renew, since the database was away.
    await leases[0]?.release();
    await until(() => begun.length === 2);
    begun[0]?.end(success);
    await pause(50);
    assert.is(engine.running(), 1);
    assert.is((await store.runs.get(id))?.status, 'IN_PROGRESS');
    await store.cancel(id, 'ci');
    await until(() => begun[1]?.signal.aborted ?? false);
    begun[1]?.end({ status: 'CANCELED', words: { text: 'cancelled' } });
    await until(async () => (await store.runs.get(id))?.status === 'CANCELED');
  }),
);

engines('takes a run whose end was asked for while nobody had it as one to stop', () =>
  onEngine({}, async ({ store, engine, begun, leases, accept }) => {
    const id = await accept();
    await until(() => begun.length === 1);
    await store.cancel(id, 'ci', 'wrong commit');
    await until(() => begun[0]?.signal.aborted ?? false);
    await leases[0]?.release();
    await until(() => begun.length === 2);
    const stop: Stop = { kind: 'request', reason: 'wrong commit (ci)' };
    assert.equal(begun[1]?.signal.reason as Stop, stop);
    begun[0]?.end(success);
    begun[1]?.end({ status: 'CANCELED', words: { text: 'cancelled' } });
    await until(() => engine.running() === 0);
  }),
);

engines('hands over what another process can go on with', () =>
  onEngine({}, async ({ store, engine, begun, accept, lines }) => {
    const id = await accept();
    await until(() => begun.length === 1);
    await engine.drain(20);
    assert.not.ok(begun[0]?.signal.aborted, 'nothing is cancelled there');
    assert.ok(lines.some(({ text }) => text.includes('handed over')));
    const lease = await store.claim('another');
    assert.is(lease?.run.id, id);
    assert.is(lease?.attempt, 2);
    begun[0]?.end(success);
    await pause(20);
    assert.is((await store.runs.get(id))?.status, 'IN_PROGRESS', 'the former owner ends nothing');
    await lease?.end('SUCCESS', { text: 'by another' });
  }),
);

engines('ends what nobody could go on with', () =>
  onEngine({ resumes: false }, async ({ store, engine, begun, accept }) => {
    const id = await accept();
    await until(() => begun.length === 1);
    const drained = engine.drain(20);
    await until(() => begun[0]?.signal.aborted ?? false);
    assert.equal(begun[0]?.signal.reason as Stop, { kind: 'shutdown' });
    begun[0]?.end({ status: 'ERROR', words: { text: 'stopped' } });
    await drained;
    assert.is((await store.runs.get(id))?.status, 'ERROR');
  }),
);

engines('waits for ends while it drains, and takes nothing new', () =>
  onEngine({}, async ({ store, engine, begun, accept }) => {
    const id = await accept();
    await until(() => begun.length === 1);
    const drained = engine.drain(10_000);
    const late = await accept();
    begun[0]?.end(success);
    await drained;
    assert.is((await store.runs.get(id))?.status, 'SUCCESS');
    assert.is((await store.runs.get(late))?.status, 'QUEUED');
    assert.is(begun.length, 1);
  }),
);

engines.run();
