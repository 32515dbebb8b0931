import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import type { Stop } from '../../src/errors.ts';
import type { Job, Target, TargetDeps, TargetEntry, Verdict } from '../../src/targets/target.ts';
import { createNotes, type Line, type Recorded, recordJob } from '../support/job.ts';
import { noHttp } from '../support/no-http.ts';

/** A world of its own for one test: a service (or a folder) that remembers what was done to it. */
export type Stage = {
  /** Opens the target as a new process would. */
  open(deps: TargetDeps): Target;
  /** How many deploys were begun in this world. */
  begun(): number | Promise<number>;
  /** What the target was given and must not pass on. */
  readonly secrets: readonly string[];
  /** What the target's calls need besides: an order, a tree. */
  readonly job?: Partial<Job>;
  readonly deps?: Partial<TargetDeps>;
  close(): Promise<void>;
};

/** How a deploy goes: to a good end, to a bad one, or not to any before it is stopped. */
export type Fate = 'success' | 'failure' | 'endless';

export type Scenario = {
  readonly entry: TargetEntry;
  stage(fate: Fate): Promise<Stage>;
};

type Scene = Stage & { readonly lines: Line[]; target(): Target };

type Did = { readonly verdict: Verdict | undefined; readonly error: unknown; readonly ms: number };

async function play(target: Target, { job }: Recorded): Promise<Did> {
  const began = performance.now();
  const settled = await target.deploy(job).then(
    (verdict) => ({ verdict, error: undefined }),
    (error: unknown) => ({ verdict: undefined, error }),
  );
  return { ...settled, ms: performance.now() - began };
}

const stops: readonly Stop[] = [
  { kind: 'signal', name: 'SIGTERM' },
  { kind: 'timeout' },
  { kind: 'request', reason: 'by a test' },
  { kind: 'person', reason: 'by a person' },
];

/** Every target passes these; its own file adds only what is peculiar to it. */
export function testTarget(name: string, { entry, stage }: Scenario): void {
  const contract = suite(`${name}: target contract`);

  const test = (title: string, fate: Fate, run: (scene: Scene) => Promise<void>): void => {
    contract(title, async () => {
      const world = await stage(fate);
      const { log, lines } = createNotes();
      const deps = { http: noHttp, clock: systemClock, log, cwd: '/', env: {}, ...world.deps };
      try {
        await run({ ...world, lines, target: () => world.open(deps) });
      } finally {
        await world.close();
      }
    });
  };
  const record = (scene: Scene, changes: Partial<Job> = {}): Recorded =>
    recordJob({ ...scene.job, ...changes });
  const assertSilent = (texts: readonly string[], { secrets }: Scene): void => {
    for (const text of texts) {
      for (const secret of secrets) assert.not(text.includes(secret), `a secret is in: ${text}`);
    }
  };

  contract('carries its registry id', () => {
    assert.is(entry.id, name);
    assert.match(entry.about, /^[A-Z].*\.$/);
  });

  test('opens under its registry id', 'success', async ({ target }) => {
    assert.is(target().id, name);
  });

  test('plans without touching anything', 'success', async (scene) => {
    const { job } = record(scene);
    const plan = scene.target().plan(job.order);
    assert.ok(plan.length > 0 && plan.every((line) => /^\S[^\n]*$/.test(line)));
    assertSilent(plan, scene);
    assert.is(await scene.begun(), 0);
  });

  test('checks without changing anything', 'success', async (scene) => {
    const findings = await scene.target().check(new AbortController().signal);
    assertSilent(
      findings.map(({ text }) => text),
      scene,
    );
    assert.is(await scene.begun(), 0);
  });

  test('blames no credential that it could not try, and praises none', 'success', async (scene) => {
    // As where nothing answers: whoever asks has no time left.
    const findings = await scene.target().check(AbortSignal.abort());
    for (const { ok, text, ofSetting } of findings) {
      assert.ok(ofSetting || ok === 'not provable' || ok === 'not reached', text);
    }
  });

  test('says success once the deploy has succeeded', 'success', async (scene) => {
    const recorded = record(scene);
    const { verdict, error } = await play(scene.target(), recorded);
    assert.is(error, undefined);
    assert.is(verdict?.outcome, 'success');
    assert.is(verdict?.goesOn, undefined);
    assert.is(await scene.begun(), 1);
    for (const resultName of recorded.results.keys()) assert.match(resultName, /^[a-z][a-z0-9_]*$/);
    for (const url of recorded.served) assert.match(url, /^https?:\/\//);
  });

  test('says failure with a reason', 'failure', async (scene) => {
    const { verdict } = await play(scene.target(), record(scene));
    assert.is(verdict?.outcome, 'failure');
    assert.match(verdict?.description ?? '', /^\S[^\n]{8,}$/);
  });

  for (const fate of ['success', 'failure'] as const) {
    test(`lets no secret out of a ${fate}`, fate, async (scene) => {
      const recorded = record(scene);
      const { verdict } = await play(scene.target(), recorded);
      const said = [verdict?.description ?? '', ...recorded.progress, ...recorded.results.values()];
      const logged = scene.lines.map(({ text }) => text);
      assertSilent([...said, ...logged, ...recorded.served, JSON.stringify(recorded.saved)], scene);
    });
  }

  test(
    'saves a checkpoint before and after the step that changes the world',
    'success',
    async (scene) => {
      const seen: string[] = [];
      const recorded = record(scene, {
        before: async () => void seen.push(`before ${await scene.begun()}`),
        after: async () => void seen.push(`after ${await scene.begun()}`),
      });
      await play(scene.target(), recorded);
      assert.is(seen[0], 'before 0');
      assert.ok(seen.includes('after 1'), seen.join());
      assert.ok(seen.at(-1)?.startsWith('after'), seen.join());
    },
  );

  test('saves plain JSON', 'success', async (scene) => {
    const recorded = record(scene);
    await play(scene.target(), recorded);
    for (const { state } of recorded.saved) {
      assert.equal(JSON.parse(JSON.stringify(state)), state);
    }
  });

  test('takes no step when the checkpoint before it is refused', 'success', async (scene) => {
    const refusal = new Error('the run was stopped meanwhile');
    const recorded = record(scene, { before: () => Promise.reject(refusal) });
    const { verdict, error } = await play(scene.target(), recorded);
    assert.is(await scene.begun(), 0);
    assert.ok(error === refusal || (verdict !== undefined && verdict.outcome !== 'success'));
  });

  for (const stop of stops.slice(0, 2)) {
    test(`ends within 6 s of a stop by ${stop.kind}`, 'endless', async (scene) => {
      const recorded = record(scene);
      const playing = play(scene.target(), recorded);
      while ((await scene.begun()) === 0) await pause(10);
      const stoppedAt = performance.now();
      recorded.stop(stop);
      const { verdict } = await playing;
      assert.ok(performance.now() - stoppedAt < 6000);
      assert.ok(verdict, 'it says what it knows');
      assert.match(verdict.description, /\S/);
      const expected = stop.kind === 'timeout' ? 'timed_out' : 'cancelled';
      // What cannot be stopped, or is not known to have stopped, is told of as it is.
      const isTold = verdict.goesOn !== undefined || verdict.outcome === 'error';
      assert.ok(verdict.outcome === expected || isTold, JSON.stringify(verdict));
    });
  }

  for (const stop of stops) {
    test(`does not begin when it was stopped by ${stop.kind} before`, 'success', async (scene) => {
      const recorded = record(scene);
      recorded.stop(stop);
      const { verdict, error } = await play(scene.target(), recorded);
      assert.is(await scene.begun(), 0);
      assert.ok(error !== undefined || verdict?.outcome !== 'success');
    });
  }

  test(
    'does not begin when it is stopped while its checkpoint is stored',
    'success',
    async (scene) => {
      const recorded: Recorded = record(scene, {
        before: async () => recorded.stop({ kind: 'signal', name: 'SIGINT' }),
      });
      const { verdict } = await play(scene.target(), recorded);
      assert.is(await scene.begun(), 0);
      assert.is.not(verdict?.outcome, 'success');
    },
  );

  for (const fate of ['success', 'failure'] as const) {
    test(`is silent after its end in ${fate}, whatever comes`, fate, async (scene) => {
      const recorded = record(scene);
      await play(scene.target(), recorded);
      const before = [recorded.count(), scene.lines.length];
      recorded.stop({ kind: 'signal', name: 'SIGTERM' });
      await pause(300);
      assert.equal([recorded.count(), scene.lines.length], before);
    });
  }

  test(
    'goes on from each of its checkpoints, or says that it cannot, and does nothing twice',
    'success',
    async (scene) => {
      const first = record(scene);
      await play(scene.target(), first);
      assert.ok(first.saved.length > 0);
      for (const { state } of first.saved) {
        const again = record(scene, { checkpoint: JSON.parse(JSON.stringify(state)) });
        const { verdict } = await play(scene.target(), again);
        assert.ok(verdict?.outcome === 'success' || verdict?.outcome === 'error', String(state));
        if (verdict.outcome === 'error') assert.match(verdict.description, /not known/);
        assert.is(await scene.begun(), 1);
      }
    },
  );

  test(
    'goes on from a checkpoint whose step was not taken, or says that it cannot',
    'success',
    async (scene) => {
      const killed = record(scene, {
        before: async (state) => {
          killed.saved.push({ when: 'before', state });
          throw new Error('killed');
        },
      });
      await play(scene.target(), killed);
      const state = killed.saved[0]?.state;
      assert.ok(state);
      const { verdict } = await play(scene.target(), record(scene, { checkpoint: state }));
      assert.ok(verdict);
      assert.is(await scene.begun(), verdict.outcome === 'success' ? 1 : 0);
      if (verdict.outcome !== 'success') assert.match(verdict.description, /not known/);
    },
  );

  test('tells what is known of a predecessor that was killed', 'success', async (scene) => {
    const recorded = record(scene, { predecessor: true });
    const { verdict } = await play(scene.target(), recorded);
    const said = [...scene.lines.map(({ text }) => text), ...recorded.progress];
    assert.ok(
      said.some((line) => /earlier run|predecessor/.test(line)),
      said.join('\n'),
    );
    assert.ok(verdict);
  });

  contract.run();
}
