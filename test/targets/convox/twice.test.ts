import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkpoint, Job } from '../../../src/targets/target.ts';
import type { Exchange, Fault, Manners } from '../../support/convox/manners.ts';
import type { Settings } from '../../support/convox/process.ts';
import type { Sight } from '../../support/convox/world.ts';
import { order } from '../../support/job.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { type Scene, test as testOn, texts, verdictIs } from './stage.ts';

const promotions = suite('convox: nothing is promoted twice');

const test = (title: string, manners: Manners, run: (scene: Scene) => Promise<void>): void =>
  testOn(promotions, title, manners, run, scaledClock(150));

const slow = Array<Sight>(40).fill('updating');
const followed = { attempt: '1', predecessor: true } as const;
const alone = (attempt: string) => ({ attempt, unremembered: true }) as const;
const again = { release: 'RTHERE' };

/** Kills a process once its promotion was taken; the rollout is undone before anybody looks again. */
async function promotedAndKilled(
  { rack, start }: Scene,
  settings: Settings,
  changes: Partial<Job>,
  isUndone = true,
): Promise<void> {
  const first = start(settings, changes);
  while (rack.world.promotions.length === 0) await pause(1);
  first.kill();
  await pause(20);
  if (isUndone) rack.world.script.splice(0, 99, 'back');
}

for (const fault of ['cut', 'cut after', '500', '503', 'hang'] as const) {
  for (const [step, settings] of [
    ['the promotion', {}],
    ['the command before it', { before_promote: 'web: migrate' }],
  ] as const) {
    test(`where ${fault} leaves no note of ${step}`, { rollout: slow }, async (scene) => {
      const { rack, start } = scene;
      rack.onExchange = (exchange) => {
        if (exchange === 'start') rack.fail('upload', ...Array<Fault>(12).fill(fault));
      };
      const first = start(settings);
      verdictIs(
        await first.verdict,
        'error',
        /^release RNEWBAAA was not promoted: the rack keeps no note of it, without which a later run/,
      );
      assert.equal([rack.world.promotions, rack.world.ran], [[], []]);
    });
  }
}

test('where a note is left late', { rollout: ['updating', 'running'] }, async ({ rack, start }) => {
  rack.onExchange = (exchange) => {
    if (exchange === 'start') rack.fail('upload', 'cut', '503', '500 after');
  };
  verdictIs(await start().verdict, 'success');
  assert.is(rack.world.promotions.length, 1);
});

test('where the server keeps checkpoints, no note is needed', {}, async ({ rack, start }) => {
  rack.onExchange = (exchange) => {
    if (exchange === 'start') rack.refuse = ['upload', 500, 'no room'];
  };
  const served = { ...order, runId: 'run-1' };
  verdictIs(await start({}, { order: served }).verdict, 'success');
  assert.is(rack.seen.filter((each) => each === 'upload').length, 1);
});

// Whoever only promotes may lack the right to leave a note, or to see one.
for (const forbidden of [['upload'], ['object'], ['upload', 'object']] as Exchange[][]) {
  const who = `a credential without ${forbidden.join(' and ')}`;
  test(`with ${who}, after a kill`, { rollout: slow, forbidden }, async (scene) => {
    const { rack, start } = scene;
    rack.world.releases.push({ id: 'RTHERE', build: 'B1', env: '' });
    await promotedAndKilled(scene, again, {});
    const second = start(again, followed);
    verdictIs(await second.verdict, 'error', /^not known what the earlier run did: /);
    assert.is(rack.world.promotions.length, 1);
  });
  test(`with ${who}, after a kill that nobody tells of`, {
    rollout: [...slow, 'running'],
    forbidden,
  }, async (scene) => {
    const { rack, start } = scene;
    rack.world.releases.push({ id: 'RTHERE', build: 'B1', env: '' });
    await promotedAndKilled(scene, again, alone('a'), false);
    const second = start(again, alone('b'));
    verdictIs(await second.verdict, 'success', /^release RTHERE is running$/);
    assert.is(rack.world.promotions.length, 1);
    assert.match(
      texts(second, 'info').join('\n'),
      /has release RTHERE already\. Whether an earlier run .* is not to be seen, so it is not prom/,
    );
  });
}
test('with a credential that may leave no note, which is said', {
  forbidden: ['upload'],
}, async ({ rack, start }) => {
  rack.world.releases.push({ id: 'RTHERE', build: 'B1', env: '' });
  const process = start(again);
  verdictIs(await process.verdict, 'success');
  assert.match(texts(process, 'info').join('\n'), /may leave no note of this step on the rack, so/);
});
test('once more what is there, where no earlier run has promoted it', {}, async (scene) => {
  const { rack, start } = scene;
  verdictIs(await start({ release: 'ROLD' }, alone('a')).verdict, 'success');
  assert.is(rack.world.promotions.length, 1);
});
for (const noObject of ['NoSuchKey: The specified key does not exist.', 'object not found: x']) {
  test(`by one that only promotes, where the store says ${noObject}`, {
    noObject,
  }, async (scene) => {
    const { rack, start } = scene;
    rack.world.releases.push({ id: 'RTHERE', build: 'B1', env: '' });
    const process = start(again, alone('a'));
    verdictIs(await process.verdict, 'success');
    assert.not(texts(process, 'info').join().includes('not to be seen'));
  });
}

test('by a process that follows one which is alive', {
  build: Array<string>(20).fill('running').concat('complete'),
  rollout: [...slow.slice(0, 5), 'running'],
}, async ({ rack, start }) => {
  const first = start();
  while (rack.world.builds.length === 0) await pause(1);
  const second = start({}, followed);
  const verdicts = await Promise.all([first.verdict, second.verdict]);
  for (const verdict of verdicts) verdictIs(verdict, 'success', /release RNEWBAAA is running$/);
  assert.equal([rack.world.builds.length, rack.world.promotions.length], [1, 1]);
});
test('that somebody else has promoted already', {}, async ({ rack, start }) => {
  const { world } = rack;
  rack.onExchange = (exchange) => {
    if (exchange === 'build') world.release = world.builds[0]?.release || world.release;
  };
  const process = start();
  verdictIs(await process.verdict, 'success', /^release RNEWBAAA is running$/);
  assert.equal(world.promotions, []);
  assert.match(process.recorded.progress.join('\n'), /^release RNEWBAAA is promoted already$/m);
});

const late = Array<Sight>(66).fill('lag');
testOn(
  promotions,
  'when the answer is lost and the rollout shows more than a minute later',
  { rollout: [...late, 'updating', 'running'] },
  async ({ rack, start }) => {
    rack.fail('promote', 'cut after');
    verdictIs(await start().verdict, 'success');
    assert.is(rack.world.promotions.length, 1);
  },
  // A look takes real time, too: faster, three minutes would be over before.
  scaledClock(40),
);
for (const [title, rollout, outcome, said] of [
  ['is under way by then', ['updating', 'updating', 'running'], 'success', /is running$/],
  ['is undone by then', ['updating', 'back'], 'failure', /rolled release RNEWBAAA back to release/],
] as const) {
  test(`when the answer is lost, asked for again, and ${title}`, {
    rollout: ['lag'],
  }, async ({ rack, start }) => {
    rack.fail('promote', 'cut after');
    let asks = 0;
    rack.onExchange = (exchange) => {
      asks += exchange === 'promote' ? 1 : 0;
      if (exchange === 'promote' && asks === 1)
        rack.refuse = ['promote', 403, 'app is currently updating'];
      if (exchange === 'promote' && asks === 2) rack.world.script.splice(0, 9, ...rollout);
    };
    verdictIs(await start().verdict, outcome, said);
    assert.equal([asks, rack.world.promotions.length], [2, 1]);
  });
}

const built = { build: 'BNEWAAAA', release: 'RNEWBAAA', previous: 'ROLD' };
const checkpoint: Checkpoint = { key: '0123456789abcdef0123-1', ...built };
const truths = suite('convox: what a resumed run says');
const racks = ['acme/staging'];
const through = ({ rack }: Scene): Settings => ({
  ...{ rack_url: '', host: rack.url, rack: 'staging' },
  password: 'pw-4dc1f00dbaadcafe0123456789abcdef',
});

for (const [step, said, goesOn] of [
  ['looking', /^nothing was built: .*racks failed/, false],
  ['creating', /^not known whether the app app1 was created; nothing was built: .*racks/, false],
  ['building', /^not known whether a build was started: .*racks failed/, true],
  ['build started', /^not known how build BNEWAAAA ends: .*racks failed/, true],
  ['prepared', /^release RNEWBAAA was not promoted: .*racks failed/, false],
  ['promoting', /^not known whether release RNEWBAAA was promoted: .*racks failed/, true],
  ['promoted', /^not known how the rollout of release RNEWBAAA ends: .*racks failed/, true],
] as const) {
  for (const fault of ['503', '404', '401'] as const) {
    testOn(
      truths,
      `after "${step}", when the console says ${fault}`,
      { racks },
      async (scene) => {
        const isKnown = ['looking', 'creating', 'building'].includes(step);
        const isEarly = ['looking', 'creating'].includes(step);
        const { build, release, previous, ...rest } = checkpoint;
        const more = isKnown ? {} : step === 'build started' ? { build } : { build, release };
        const state = { ...rest, ...more, step } as Checkpoint;
        scene.rack.refuse = ['racks', Number(fault), 'no racks today'];
        if (fault === '404') scene.rack.refuse = ['racks', 400, 'no racks today'];
        const told = await scene
          .start(through(scene), { checkpoint: state })
          .verdict.catch((error: Error) => error);
        if (told instanceof Error) {
          assert.ok(isEarly && fault === '401', told.message);
          return;
        }
        assert.match(told.description, said);
        assert.is(told.goesOn !== undefined, goesOn);
        assert.is(told.outcome === 'failure', isEarly && fault === '404');
      },
      scaledClock(150),
    );
  }
}

for (const [state, settings, said, goesOn] of [
  [{ step: 'creating' }, {}, /^not known whether the app app1 was created; nothing/, false],
  [{ step: 'uploaded' }, {}, /^nothing was built$/, false],
  [{ step: 'building' }, {}, /^not known whether a build was started$/, true],
  [{ step: 'build started', build: 'BNEWAAAA' }, {}, /^build BNEWAAAA cannot be cancelled$/, true],
  [{ ...built, step: 'prepared' }, {}, /^release RNEWBAAA was not promoted$/, false],
  [{ ...built, step: 'promoted' }, {}, /^the rack went back to ROLD$/, false],
] as const) {
  testOn(
    truths,
    `that is stopped at once after "${state.step}"`,
    { rollout: slow },
    async ({ rack, start }) => {
      const { world } = rack;
      if (state.step === 'promoted') {
        await promotedAndKilled({ rack, start } as Scene, settings, {}, false);
        world.script.push(...slow);
      }
      const asked = world.promotions.length;
      const left = { checkpoint: { key: checkpoint.key ?? '', ...state } };
      const signal = AbortSignal.abort({ kind: 'signal', name: 'SIGTERM' });
      const verdict = await start(settings, { ...left, signal }).verdict;
      verdictIs(verdict, 'cancelled', said);
      assert.is(verdict.goesOn !== undefined, goesOn, JSON.stringify(verdict));
      assert.equal([world.promotions.length, world.cancels], [asked, asked]);
    },
    // What is left to a run that ends is real time, too.
    scaledClock(20),
  );
}
for (const [title, sights, outcome, said] of [
  [
    'while nobody looked',
    ['other'],
    'error',
    /^not known whether release RNEWBAAA ever served: release ROTHER is running, promoted by somebody/,
  ],
  [
    'once it had been seen to run',
    ['updating', 'running', 'theirs', 'theirs', 'other'],
    'success',
    /^release RNEWBAAA was running; release ROTHER has followed it, promoted by somebody else$/,
  ],
  [
    'that was not seen to roll out',
    ['running', 'theirs', 'other'],
    'error',
    /^not known whether release RNEWBAAA ever served: release ROTHER is running/,
  ],
  [
    'and was undone itself',
    ['updating', 'theirs', 'theirs back', 'running'],
    'success',
    /^release RNEWBAAA is running$/,
  ],
  [
    'once it had been undone',
    ['updating', 'rollback', 'other'],
    'failure',
    /^the rack rolled release RNEWBAAA back, and release ROTHER is running, promoted by somebody else/,
  ],
  [
    'and failed for good',
    ['updating', 'theirs failed'],
    'error',
    /^not known whether release RNEWBAAA ever served: the app is failed now with release ROTHER/,
  ],
  ['not at all, and undone meanwhile', ['back'], 'error', /runs release ROLD now: whether it was/],
] as const) {
  testOn(
    truths,
    `of a promotion that another one has overtaken ${title}`,
    {},
    async ({ rack, start }) => {
      const { world } = rack;
      const seen: Record<string, readonly [status: string, release: string]> = {
        ...{ other: ['running', 'ROTHER'], theirs: ['updating', 'ROTHER'] },
        ...{ 'theirs back': ['rollback', 'ROTHER'], 'theirs failed': ['failed', 'ROTHER'] },
        ...{ updating: ['updating', 'RNEWBAAA'], rollback: ['rollback', 'ROLD'] },
        ...{ running: ['running', 'RNEWBAAA'], back: ['running', 'ROLD'] },
      };
      let looks = 0;
      const show = (): void => {
        const sight = sights[Math.min(looks++, sights.length - 1)] ?? '';
        [world.status, world.release] = seen[sight] ?? ['', ''];
      };
      show();
      rack.onExchange = (exchange) => exchange === 'app' && show();
      const state = { key: checkpoint.key ?? '', ...built, step: 'promoted' };
      const { verdict } = start({}, { checkpoint: state });
      verdictIs(await verdict, outcome, said);
      assert.equal(world.promotions, []);
    },
    scaledClock(150),
  );
}

promotions.run();
truths.run();
