import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkpoint, Job } from '../../../src/targets/target.ts';
import type { Manners } from '../../support/convox/manners.ts';
import type { Process, Settings } from '../../support/convox/process.ts';
import { order } from '../../support/job.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { type Scene, test as testOn, texts, verdictIs } from './stage.ts';

const resuming = suite('convox: kill -9');

const test = (title: string, manners: Manners, run: (scene: Scene) => Promise<void>): void =>
  testOn(resuming, title, manners, run, scaledClock(100));

const settings: Settings = { env: 'NEW=1', before_promote: 'web: migrate' };
const rollout = ['updating', 'updating', 'updating', 'updating', 'running'] as const;

const never = new Promise<never>(() => {});

/** A process that dies at its nth checkpoint, once that is stored; gives the checkpoint. */
async function dieAt(
  { start }: Scene,
  nth: number,
  given: Settings = settings,
  changes: Partial<Job> = {},
) {
  let count = 0;
  let process: Process | undefined;
  let tell: (state: Checkpoint) => void = () => {};
  const died = new Promise<Checkpoint>((resolve) => {
    tell = resolve;
  });
  const store = async (state: Checkpoint): Promise<void> => {
    count += 1;
    if (count < nth) return;
    process?.kill();
    tell(JSON.parse(JSON.stringify(state)));
    return never;
  };
  process = start(given, { before: store, after: store, ...changes });
  const ended = process.verdict.then(() => undefined);
  return Promise.race([died, ended]);
}

const steps = [
  ...['env', 'env set', 'uploading', 'uploaded', 'building', 'build started', 'built'],
  ...['before promote', 'before promote', 'prepared', 'promoting', 'promoted', 'ended'],
];
const unknowable = ['before promote', 'promoting'];

for (const [index, step] of steps.entries()) {
  test(`after the checkpoint ${index + 1}, "${step}"`, { rollout }, async (scene) => {
    const { rack, start } = scene;
    const checkpoint = await dieAt(scene, index + 1);
    assert.is(checkpoint?.step, step);
    await pause(20);
    const second = start(settings, { checkpoint: checkpoint as Checkpoint, attempt: 'ignored' });
    const verdict = await second.verdict;
    const { world } = rack;
    if (unknowable.includes(step)) verdictIs(verdict, 'error', /not known whether/);
    else {
      verdictIs(verdict, 'success', /is running$/);
      assert.is(world.release, world.promotions[0]?.release);
      const { results } = second.recorded;
      assert.equal([results.get('build'), results.get('release')], ['BNEWAAAA', world.release]);
    }
    assert.ok(world.builds.length < 2 && world.promotions.length < 2);
    assert.ok(world.ran.length < 2);
    assert.equal(world.processes.length, world.ended.length);
  });
}

/** Of an app that is not there yet. */
const creating: Settings = { env: 'NEW=1', create_app: 'true' };
const withoutApp = ({ rack }: Scene): void => {
  rack.world.isThere = false;
};
const ways: readonly (readonly [how: string, change: (left: Checkpoint) => Partial<Job>])[] = [
  ['with its checkpoint', (checkpoint) => ({ checkpoint })],
  ['without a store', () => ({ predecessor: true })],
  ['without a forge', () => ({ attempt: 'b', unremembered: true })],
];
async function createdOnce({ rack }: Scene, second: Process): Promise<void> {
  verdictIs(await second.verdict, 'success', /^release RNEWBAAA is running$/);
  const { isThere, builds, promotions, releases } = rack.world;
  assert.equal([isThere, builds.length, promotions.length], [true, 1, 1]);
  // One of the variables, and one of the build.
  assert.is(releases.length, 2);
  assert.is(rack.seen.filter((each) => each === 'create').length, 1);
}
for (const [how, changes] of ways) {
  for (const [index, step] of ['creating', 'looking'].entries()) {
    test(`at the checkpoint "${step}" of an app's creation, ${how}`, { rollout }, async (scene) => {
      withoutApp(scene);
      const checkpoint = (await dieAt(scene, index + 1, creating)) as Checkpoint;
      assert.is(checkpoint.step, step);
      await pause(20);
      await createdOnce(scene, scene.start(creating, changes(checkpoint)));
    });
  }
  for (const isSlow of [false, true]) {
    const then = isSlow ? 'which takes its time' : 'which is there by then';
    test(`once the rack has begun to create the app, ${then}, ${how}`, {
      rollout,
    }, async (scene) => {
      withoutApp(scene);
      const { rack, start } = scene;
      rack.fail('create', 'hang after');
      const first = start(creating);
      while (!rack.seen.includes('create')) await pause(1);
      first.kill();
      const checkpoint = first.recorded.saved.at(-1)?.state as Checkpoint;
      assert.is(checkpoint.step, 'creating');
      rack.world.others.splice(0, 9, ...Array<string>(isSlow ? 9 : 0).fill('creating'), 'running');
      await createdOnce(scene, start(creating, changes(checkpoint)));
    });
  }
}
test('once the rack has begun to create an app that does not come up', {}, async (scene) => {
  withoutApp(scene);
  const { rack, start } = scene;
  const checkpoint = (await dieAt(scene, 1, creating)) as Checkpoint;
  rack.world.isThere = true;
  rack.world.status = 'creating';
  const { verdict } = start(creating, { checkpoint });
  verdictIs(await verdict, 'failure', /^the app app1 was created and does not come up$/);
  assert.equal(rack.world.builds, []);
});

test('after a promotion that the rack has taken', { rollout }, async (scene) => {
  const { rack, start } = scene;
  rack.fail('promote', 'hang after');
  const first = start();
  while (!rack.seen.includes('promote')) await pause(1);
  first.kill();
  const checkpoint = first.recorded.saved.at(-1)?.state as Checkpoint;
  assert.is(checkpoint.step, 'promoting');
  verdictIs(await start({}, { checkpoint }).verdict, 'success');
  assert.is(rack.world.promotions.length, 1);
});

for (const noObject of [
  'NoSuchKey: The specified key does not exist.',
  'NoSuchKey: no such key',
  "storage: object doesn't exist",
  'BlobNotFound: The specified blob does not exist.',
]) {
  test(`before a promotion, with a store that says: ${noObject}`, {
    rollout,
    noObject,
  }, async (scene) => {
    const { rack, start } = scene;
    await dieAt(scene, steps.indexOf('built') + 1, { env: 'NEW=1' });
    await pause(20);
    const asked = rack.seen.length;
    verdictIs(await start({ env: 'NEW=1' }, { predecessor: true }).verdict, 'success');
    // Once for each trace: it is not there the next time either.
    const looks = rack.seen.slice(asked).filter((each) => each === 'object');
    assert.ok(looks.length > 0 && looks.length < 4, `${looks.length} looks`);
    assert.is(rack.world.promotions.length, 1);
  });
}

test('after a build that the rack has started', {}, async (scene) => {
  const { rack, start } = scene;
  rack.fail('start', 'hang after');
  const first = start();
  while (!rack.seen.includes('start')) await pause(1);
  first.kill();
  const checkpoint = first.recorded.saved.at(-1)?.state as Checkpoint;
  assert.is(checkpoint.step, 'building');
  verdictIs(await start({}, { checkpoint }).verdict, 'success');
  assert.is(rack.world.builds.length, 1);
});

/** Without a store: only what the rack remembers. */
for (const [index, step] of steps.slice(0, -1).entries()) {
  test(`without a store, after "${step}" (${index + 1})`, { rollout }, async (scene) => {
    const { rack, start } = scene;
    await dieAt(scene, index + 1, { env: 'NEW=1' });
    await pause(20);
    const second = start({ env: 'NEW=1' }, { predecessor: true });
    const verdict = await second.verdict;
    const { world } = rack;
    assert.match(
      texts(second, 'info').join('\n'),
      /An earlier run of this deploy has not ended: ask/,
    );
    if (verdict.outcome === 'error') {
      assert.match(verdict.description, /^not known whether release RNEW\w+ was promoted/);
      assert.is(world.promotions.length, 0);
    } else {
      verdictIs(verdict, 'success');
      assert.is(world.release, world.promotions[0]?.release);
    }
    assert.ok(world.builds.length === 1 && world.promotions.length < 2);
  });
}

test('without a store, after a rollout that was undone', {}, async (scene) => {
  const { rack, start } = scene;
  const first = start();
  while (!rack.seen.includes('promote')) await pause(1);
  first.kill();
  await pause(20);
  const { world } = rack;
  world.script.splice(0, 9, 'back');
  const second = start({}, { predecessor: true });
  verdictIs(await second.verdict, 'error', /^not known whether release RNEWBAAA was promoted/);
  assert.is(world.promotions.length, 1);
});
test('without a store, in the middle of a migration', { exec: () => {} }, async (scene) => {
  const { rack, start } = scene;
  const first = start(settings);
  while (rack.world.ran.length === 0) await pause(1);
  first.kill();
  const { verdict } = start(settings, { predecessor: true });
  verdictIs(
    await verdict,
    'error',
    /^not known whether convox_before_promote has run, and how far; release (\w+) .* convox_release: \1$/,
  );
  assert.equal([rack.world.ran.length, rack.world.promotions.length], [1, 0]);
});
test('without a store and without a list of builds', { forbidden: ['builds'] }, async (scene) => {
  const { rack, start } = scene;
  const { verdict } = start({}, { predecessor: true });
  verdictIs(await verdict, 'error', /^not known whether a build was started: .*answered 403/);
  assert.is(rack.world.builds.length, 0);
});
test('without a store, behind something that answers 404', {}, async ({ rack, start }) => {
  rack.fail('builds', '404');
  const { verdict } = start({ create_app: 'true' }, { predecessor: true });
  verdictIs(await verdict, 'error', /^not known whether a build was started: .*answered 404/);
  assert.is(rack.world.builds.length, 0);
});
test('without a store, after a build that failed', {
  build: ['running', 'failed'],
}, async (scene) => {
  const { rack, start } = scene;
  const first = start();
  while (!rack.seen.includes('build')) await pause(1);
  first.kill();
  verdictIs(await start({}, { predecessor: true }).verdict, 'failure', /^build BNEWAAAA failed/);
  assert.is(rack.world.builds.length, 1);
});
test('without a store, of one that only promotes', { rollout }, async (scene) => {
  const { rack, start } = scene;
  rack.world.releases.push({ id: 'RTHERE', build: '', env: '' });
  const first = start({ release: 'RTHERE' });
  while (!rack.seen.includes('promote')) await pause(1);
  first.kill();
  verdictIs(await start({ release: 'RTHERE' }, { predecessor: true }).verdict, 'success');
  assert.is(rack.world.promotions.length, 1);
});

/** Without a forge: nobody tells that there was an earlier process, and each has an attempt of its own. */
const alone = (attempt: string) => ({ attempt, unremembered: true }) as const;
for (const [index, step] of steps.slice(0, -1).entries()) {
  test(`without a forge, after "${step}" (${index + 1})`, { rollout }, async (scene) => {
    const { rack, start } = scene;
    const { world } = rack;
    await dieAt(scene, index + 1, settings, alone('a'));
    const begun = [world.builds.length, world.promotions.length];
    await pause(20);
    const verdict = await start(settings, alone('b')).verdict;
    assert.equal([world.builds.length, world.ran.length < 2], [1, true]);
    assert.ok(world.promotions.length < 2);
    if (verdict.outcome === 'error') {
      assert.match(verdict.description, /^not known whether .* RNEW\w+ was (?:not )?promoted/);
      assert.is(world.promotions.length, 0);
    } else {
      verdictIs(
        verdict,
        'success',
        begun[1] === 1 ? /^already deployed by an earlier run/ : /^rel/,
      );
      assert.is(world.release, world.promotions[0]?.release);
    }
  });
}
test('without a forge, once more after the end', { rollout }, async ({ rack, start }) => {
  verdictIs(await start({}, alone('a')).verdict, 'success', /^release RNEWBAAA is running$/);
  const second = start({}, alone('b'));
  const said = /^already deployed by an earlier run of this build: release RNEWBAAA is running$/;
  verdictIs(await second.verdict, 'success', said);
  assert.equal([rack.world.builds.length, rack.world.promotions.length], [1, 1]);
  assert.not(second.recorded.progress.join().includes('left alone'));
});
test('without a forge, anew after a failure that was told', {
  rollout: ['updating', 'rollback', 'back'],
}, async ({ rack, start }) => {
  verdictIs(await start({}, alone('a')).verdict, 'failure', /rolled release RNEWBAAA back/);
  verdictIs(await start({}, alone('b')).verdict, 'failure', /rolled release RNEWCAAA back/);
  assert.equal([rack.world.builds.length, rack.world.promotions.length], [2, 2]);
});
test('without a forge, of another build of CI', { rollout }, async ({ rack, start }) => {
  await start({}, alone('a')).verdict;
  const other = { ...order, runKey: 'fedcba98765432100123' };
  await start({}, { ...alone('b'), order: other }).verdict;
  assert.is(rack.world.builds.length, 2);
});
test('without a forge, of one that only promotes', { rollout }, async ({ rack, start }) => {
  rack.world.releases.push({ id: 'RTHERE', build: '', env: '' });
  const first = start({ release: 'RTHERE' }, alone('a'));
  while (!rack.seen.includes('promote')) await pause(1);
  first.kill();
  const { verdict } = start({ release: 'RTHERE' }, alone('b'));
  verdictIs(await verdict, 'success', /^already deployed by an earlier run/);
  assert.is(rack.world.promotions.length, 1);
});
test('without a forge and a list of builds', { forbidden: ['builds'] }, async ({ start }) => {
  const process = start({}, alone('a'));
  verdictIs(await process.verdict, 'success');
  assert.match(texts(process, 'info').join('\n'), /earlier run has begun this is not to be seen: /);
});

test('gives the same verdict once more after the end', {}, async ({ rack, start }) => {
  const first = start();
  const verdict = await first.verdict;
  const checkpoint = first.recorded.saved.at(-1)?.state as Checkpoint;
  const asked = rack.seen.length;
  const second = start({}, { checkpoint });
  assert.equal(await second.verdict, verdict);
  assert.equal([...second.recorded.results], [...first.recorded.results]);
  assert.is(rack.seen.length, asked);
});

resuming.run();
