import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkpoint, Job, Verdict } from '../../../src/targets/target.ts';
import type { FakeRack } from '../../support/convox/fake-rack.ts';
import type { Manners } from '../../support/convox/manners.ts';
import type { Process } from '../../support/convox/process.ts';
import type { Sight } from '../../support/convox/world.ts';
import { order } from '../../support/job.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { type Scene, test as testOn, texts, verdictIs } from './stage.ts';

const races = suite('convox: two pipelines, one app');

const test = (title: string, manners: Manners, run: (scene: Scene) => Promise<void>): void =>
  testOn(races, title, manners, run, scaledClock(100));

const slow = [...Array<Sight>(12).fill('updating'), 'running'] as const;
/** A builds first, so its release is the older one. */
const [ofA, ofB] = ['RNEWBAAA', 'RNEWCAAA'];
const jobA = { order, attempt: 'a' } as const;
const jobB = { order: { ...order, runKey: 'fedcba98765432100123' }, attempt: 'b' } as const;

/** Stops a pipeline before it takes a step, until it may. */
function hold(step: string) {
  let reach = (): void => {};
  let go = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const mayGo = new Promise<void>((resolve) => {
    go = resolve;
  });
  const before = async (state: Checkpoint): Promise<void> => {
    if (state.step !== step) return;
    reach();
    await mayGo;
  };
  return { changes: { before } satisfies Partial<Job>, reached, go };
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await pause(1);
};
const promoted = ({ world }: FakeRack): string[] => world.promotions.map(({ release }) => release);
const isWaiting = ({ recorded }: Process): boolean =>
  recorded.progress.some((line) => line.startsWith('waiting for the app, which is updating'));

/** Each with its build and its release, and what it took the place of. */
function resultsAre({ recorded }: Process, release: string, previous: string | undefined): void {
  const { results } = recorded;
  assert.equal([results.get('release'), results.get('previous_release')], [release, previous]);
  assert.is(results.get('build'), release === ofA ? 'BNEWAAAA' : 'BNEWBAAA');
}

/** B may be promoted between two looks of A, which then cannot know how its own rollout ended. */
function servedOrOvertaken({ outcome, description }: Verdict, release: string): void {
  if (outcome === 'success') assert.match(description, `release ${release} `);
  else {
    const said = `not known whether release ${release} ever served: release ${ofB} is running, promoted by somebody else`;
    assert.is(outcome, 'error', description);
    assert.match(description, said);
  }
}

/** A waits right before its promotion, and B has its build by then. */
async function bothBuilt({ start, rack }: Scene) {
  const held = hold('promoting');
  const a = start({}, { ...jobA, ...held.changes });
  await held.reached;
  const isHeld = hold('promoting');
  const b = start({}, { ...jobB, ...isHeld.changes });
  await isHeld.reached;
  assert.equal(
    rack.world.builds.map(({ release }) => release),
    [ofA, ofB],
  );
  return { a, b, letA: held.go, letB: isHeld.go };
}

async function askedWhileOtherRolls(scene: Scene) {
  const { a, b, letA, letB } = await bothBuilt(scene);
  letB();
  await until(() => scene.rack.world.promotions.length === 1);
  letA();
  await until(() => isWaiting(a));
  return { a, b };
}

/** A's release rolls out, and B waits until the app is free. */
async function promotedByA(scene: Parameters<typeof bothBuilt>[0]) {
  const { a, b, letA, letB } = await bothBuilt(scene);
  letA();
  await until(() => scene.rack.world.promotions.length === 1);
  letB();
  await until(() => isWaiting(b));
  return { a, b };
}

test('A promotes first, B waits for it', { rollout: slow }, async (scene) => {
  const { rack } = scene;
  const { a, b } = await promotedByA(scene);
  servedOrOvertaken(await a.verdict, ofA);
  verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
  assert.equal(promoted(rack), [ofA, ofB]);
  resultsAre(a, ofA, 'ROLD');
  resultsAre(b, ofB, ofA);
  assert.match(texts(b, 'info').join('\n'), /^Another rollout was faster/m);
});

test('B promotes first and is done, then A asks', { rollout: slow }, async (scene) => {
  const { rack } = scene;
  const { a, b, letA, letB } = await bothBuilt(scene);
  letB();
  verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
  letA();
  const said =
    /^release RNEWBAAA was not promoted: can not promote an older release.*by another pipeline/;
  verdictIs(await a.verdict, 'failure', said);
  assert.equal([promoted(rack), rack.world.release, rack.world.cancels], [[ofB], ofB, 0]);
  resultsAre(a, ofA, undefined);
  resultsAre(b, ofB, 'ROLD');
});

test('B promotes first and rolls out while A asks', { rollout: slow }, async (scene) => {
  const { rack } = scene;
  const { a, b } = await askedWhileOtherRolls(scene);
  verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
  verdictIs(await a.verdict, 'failure', /^release RNEWBAAA was not promoted: .*older release/);
  assert.equal(promoted(rack), [ofB]);
  resultsAre(a, ofA, undefined);
});

test('A is rolled back, and B is promoted after it', { rollout: slow }, async (scene) => {
  const { rack } = scene;
  const { a, b, letA, letB } = await bothBuilt(scene);
  letA();
  await until(() => rack.world.promotions.length === 1);
  const turn: Sight[] = [...Array<Sight>(4).fill('updating'), 'rollback', 'rollback', 'back'];
  rack.world.script.splice(0, 99, ...turn);
  verdictIs(await a.verdict, 'failure', /^the rack rolled release RNEWBAAA back to release ROLD/);
  letB();
  verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
  resultsAre(b, ofB, 'ROLD');
});

for (const [fault, taken] of [
  ['cut', [ofB]],
  ['cut after', [ofA, ofB]],
] as const) {
  test(`the answer to A is lost by ${fault}, and B is promoted`, {
    rollout: slow,
  }, async (scene) => {
    const { rack } = scene;
    rack.fail('promote', fault);
    const { a, b, letA, letB } = await bothBuilt(scene);
    letA();
    await until(() => rack.seen.includes('promote'));
    // Before A looks again: what it sees is B's.
    rack.world.status = 'running';
    letB();
    verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
    verdictIs(
      await a.verdict,
      'error',
      /^not known whether release RNEWBAAA .*RNEWCAAA is running/,
    );
    assert.equal([promoted(rack), rack.world.cancels], [taken, 0]);
  });
}

test('A is stopped while B rolls out: that is left alone', { rollout: slow }, async (scene) => {
  const { rack } = scene;
  const { a, b } = await askedWhileOtherRolls(scene);
  a.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
  verdictIs(await a.verdict, 'cancelled', /^release RNEWBAAA was not promoted$/);
  verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
  assert.equal([promoted(rack), rack.world.cancels], [[ofB], 0]);
});

test('A is stopped in its own rollout, and B is promoted after it', {
  rollout: Array<Sight>(300).fill('updating'),
}, async (scene) => {
  const { rack } = scene;
  const { a, b } = await promotedByA(scene);
  a.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
  verdictIs(await a.verdict, 'cancelled', /^the rack went back to ROLD$|^told to cancel$/);
  await until(() => rack.world.promotions.length === 2);
  rack.world.script.splice(0, 999, 'updating', 'running');
  verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
  assert.equal([promoted(rack), rack.world.cancels], [[ofA, ofB], 1]);
});

test('A is stopped, and B is promoted before A looks again', {
  rollout: Array<Sight>(300).fill('updating'),
}, async ({ rack, start }) => {
  const { world } = rack;
  const a = start({}, jobA);
  await until(() => a.recorded.progress.includes(`the app is updating, with release ${ofA}`));
  rack.onExchange = (exchange) => {
    if (exchange !== 'cancel') return;
    world.rolling = ofB;
    world.script.splice(0, 999, 'updating', 'running');
  };
  a.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
  const verdict = await a.verdict;
  verdictIs(verdict, 'cancelled', /^release RNEWCAAA has followed RNEWBAAA, promoted by somebody/);
  assert.is(verdict.goesOn, undefined);
  assert.is(world.cancels, 1);
});

for (const [how, changes] of [
  ['with its checkpoint', {}],
  ['without a store', { predecessor: true }],
  ['without a forge', { unremembered: true }],
] as const) {
  test(`A is killed before it asks, B is promoted, A comes back ${how}`, {
    rollout: slow,
  }, async (scene) => {
    const { rack, start } = scene;
    const { a, b, letB } = await bothBuilt(scene);
    const checkpoint = { ...a.recorded.saved.at(-1)?.state, step: 'promoting' } as Checkpoint;
    a.kill();
    letB();
    verdictIs(await b.verdict, 'success', /^release RNEWCAAA is running$/);
    const again = start(
      {},
      { ...jobA, ...(how === 'with its checkpoint' ? { checkpoint } : changes) },
    );
    verdictIs(await again.verdict, 'error', /^not known whether release RNEWBAAA /);
    assert.equal(promoted(rack), [ofB]);
    assert.is(rack.world.builds.length, 2);
  });
}

test('with nobody to hold them back', { rollout: slow }, async ({ rack, start }) => {
  const processes = [start({}, jobA), start({}, jobB)];
  const verdicts = await Promise.all(processes.map(({ verdict }) => verdict));
  // Whose release was made later serves at the end, and the other is told so or was served before it.
  assert.is(rack.world.release, ofB);
  for (const [at, verdict] of verdicts.entries()) {
    const release = processes[at]?.recorded.results.get('release') ?? '';
    if (promoted(rack).includes(release)) servedOrOvertaken(verdict, release);
    else verdictIs(verdict, 'failure', /older release/);
  }
  assert.equal(promoted(rack), promoted(rack).toSorted());
  assert.is(rack.world.cancels, 0);
});

races.run();
