import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import type { Verdict } from '../../../src/targets/target.ts';
import type { FakeRack } from '../../support/convox/fake-rack.ts';
import type { Exchange, Fault } from '../../support/convox/manners.ts';
import type { Process, Settings } from '../../support/convox/process.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { test as testOn, texts, verdictIs } from './stage.ts';

const outcomes = suite('convox: the outcome told is the outcome there');
const builds = suite('convox: a lost answer to the build');
const variables = suite('convox: a lost answer to the variables');
const promotes = suite('convox: a lost answer to the promotion');

/** Nothing here is about what a log says, so time may fly. */
const test: typeof testOn = (on, title, manners, run) =>
  testOn(on, title, manners, run, scaledClock(150));

/** Everything that a deploy can ask, in one. */
const whole: Settings = { env: 'NEW=1', before_promote: 'web: migrate' };
const rollout = ['updating', 'updating', 'updating', 'running'] as const;

/** What the rack would have to be like for the verdict to be true. */
function agrees(verdict: Verdict, { world }: FakeRack): boolean {
  const isServing = world.status === 'running' && world.promotions[0]?.release === world.release;
  if (verdict.outcome === 'success') return isServing;
  if (verdict.outcome === 'error' && /not known/.test(verdict.description)) return true;
  return !isServing && world.promotions.length === 0;
}

async function told(process: Process): Promise<Verdict> {
  return process.verdict.catch((error: Error) => ({
    outcome: 'error',
    description: `thrown: ${error.message}`,
  }));
}

const exchanges: readonly Exchange[] = [
  ...(['system', 'app', 'releases', 'release', 'env', 'upload', 'start', 'logs', 'build'] as const),
  ...(['process start', 'process', 'exec', 'process end', 'promote', 'app logs'] as const),
];
const passing: readonly Fault[] = [
  ...(['cut', 'cut after', 'half after', '429', '500', '500 after', '502 after', '503'] as const),
  ...(['html', 'html after'] as const),
];
const isLasting = (exchange: Exchange, fault: Fault): boolean =>
  // What ran there, or would have, nobody can know.
  exchange === 'exec' ||
  (exchange === 'process start' && fault !== '429') ||
  (['start', 'promote'].includes(exchange) && ['500', '503'].includes(fault));

for (const exchange of exchanges) {
  for (const fault of passing) {
    test(outcomes, `through ${fault} at ${exchange}`, { rollout }, async ({ rack, start }) => {
      rack.fail(exchange, fault);
      const verdict = await told(start(whole));
      const { world, seen } = rack;
      assert.ok(seen.includes(exchange));
      assert.ok(agrees(verdict, rack), JSON.stringify([verdict, world]));
      assert.ok(world.builds.length < 2 && world.promotions.length < 2);
      assert.ok(world.ran.length < 2 && world.ended.length >= world.ran.length);
      if (!isLasting(exchange, fault)) verdictIs(verdict, 'success');
    });
  }
}

for (const exchange of exchanges) {
  for (const fault of ['cut', 'cut after'] as const) {
    test(
      outcomes,
      `when it was to end, through ${fault} at ${exchange}`,
      { rollout: Array(500).fill('updating') },
      async ({ rack, start }) => {
        rack.fail(exchange, fault);
        const process = start(whole);
        rack.onExchange = (each) => {
          if (each === exchange) process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
        };
        while (!rack.seen.includes(exchange)) await pause(1);
        process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
        const verdict = await told(process);
        const { world } = rack;
        assert.is.not(verdict.outcome, 'success');
        assert.ok(world.builds.length < 2 && world.promotions.length < 2);
        const isRolling = world.status === 'updating';
        const isTold = verdict.goesOn !== undefined || /not known/.test(verdict.description);
        assert.ok(!isRolling || isTold, JSON.stringify([verdict, world]));
        const builds = world.builds.filter(({ status }) => status !== 'complete');
        assert.ok(builds.length === 0 || isTold, JSON.stringify([verdict, builds]));
      },
    );
  }
}

test(builds, 'is looked for by our key', {}, async ({ rack, start }) => {
  rack.fail('start', 'cut after');
  const process = start();
  verdictIs(await process.verdict, 'success');
  assert.match(texts(process, 'info').join('\n'), /answer was lost; asking the rack whether/);
  assert.equal(rack.seen.filter((each) => each === 'start').length, 1);
});
test(builds, 'says that the answer was lost only where it was', {}, async ({ rack, start }) => {
  rack.fail('start', '500 after');
  const process = start();
  verdictIs(await process.verdict, 'success');
  const said = texts(process, 'info').join('\n');
  assert.match(said, /answered 500.*; asking the rack whether/);
  assert.not(said.includes('The answer was lost'));
});
test(builds, 'is asked for again once the rack has none', {}, async ({ rack, start }) => {
  rack.fail('start', 'cut');
  const process = start();
  verdictIs(await process.verdict, 'success');
  assert.match(
    texts(process, 'warn').join('\n'),
    /the rack has no such build, so it is started ag/,
  );
  assert.equal(
    [rack.seen.filter((each) => each === 'start').length, rack.world.builds.length],
    [2, 1],
  );
});
for (const fault of ['cut', 'cut after'] as const) {
  test(
    builds,
    `is not known where the list is not permitted: ${fault}`,
    { forbidden: ['builds'] },
    async ({ rack, start }) => {
      rack.fail('start', fault);
      verdictIs(await start().verdict, 'error', /^not known whether a build was started: .*403/);
      assert.is(rack.seen.filter((each) => each === 'start').length, 1);
    },
  );
}
test(builds, 'is not known when the run has to end', {}, async ({ rack, start }) => {
  rack.fail('start', 'hang after');
  const process = start();
  while (!rack.seen.includes('start')) await pause(1);
  process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
  const verdict = await process.verdict;
  verdictIs(verdict, 'cancelled', /^not known whether a build was started/);
  assert.match(verdict.goesOn ?? '', /if a build was started$/);
});
test(builds, 'of another attempt is not ours', {}, async ({ rack, start }) => {
  await start({ promote: 'false' }, { attempt: 'other' }).verdict;
  rack.fail('start', 'cut');
  verdictIs(await start({ promote: 'false' }).verdict, 'success');
  assert.is(rack.world.builds.length, 2);
});

test(
  builds,
  'is a plain no where the credential may not build',
  {
    forbidden: ['start'],
  },
  async ({ rack, start }) => {
    const error = await rejectionOf<RemoteError>(start().verdict);
    assert.is(error.kind, 'permission');
    assert.not.match(error.message, /not known/);
    assert.is(rack.world.builds.length, 0);
  },
);

const posts = ({ seen }: FakeRack): number => seen.filter((each) => each === 'env').length;
test(variables, 'are read back', {}, async ({ rack, start }) => {
  rack.fail('env', 'cut after');
  const process = start({ env: 'NEW=1' });
  verdictIs(await process.verdict, 'success');
  assert.is(posts(rack), 1);
  assert.match(texts(process, 'info').join('\n'), /was cut; asking the rack whether the variables/);
});
test(variables, 'are set again where they are not there', {}, async ({ rack, start }) => {
  rack.fail('env', 'cut');
  verdictIs(await start({ env: 'NEW=1' }).verdict, 'success');
  assert.equal([posts(rack), rack.world.releases[1]?.env.split('\n')[1]], [2, 'NEW=1']);
});
test(
  variables,
  'are set again where they may not be read',
  {
    forbidden: ['releases'],
  },
  async ({ rack, start }) => {
    rack.fail('env', 'cut after');
    verdictIs(await start({ env: 'NEW=1', env_replace: 'true' }).verdict, 'success');
    assert.equal([posts(rack), rack.world.releases.at(-1)?.env], [2, 'NEW=1']);
  },
);
test(variables, 'are not known to be set when it is lost again', {}, async ({ rack, start }) => {
  rack.fail('env', 'cut', '500', 'cut');
  const said = /^nothing was built, and not known whether the app's variables were set: .*was cut$/;
  verdictIs(await start({ env: 'NEW=1' }).verdict, 'error', said);
  assert.is(rack.world.builds.length, 0);
});
test(variables, 'are refused in plain words', {}, async ({ rack, start }) => {
  rack.refuse = ['env', 422, 'too many variables'];
  const said = /^nothing was built: the app's variables could not be set: too many variables$/;
  verdictIs(await start({ env: 'NEW=1' }).verdict, 'failure', said);
});

test(promotes, 'is seen by what the app does', { rollout }, async ({ rack, start }) => {
  rack.fail('promote', 'cut after');
  verdictIs(await start().verdict, 'success');
  assert.is(rack.seen.filter((each) => each === 'promote').length, 1);
});
test(
  promotes,
  'may be a rollout that is undone',
  { rollout: ['updating', 'rollback', 'back'] },
  async ({ rack, start }) => {
    rack.fail('promote', 'cut after');
    verdictIs(await start().verdict, 'failure', /rolled release/);
    assert.is(rack.world.promotions.length, 1);
  },
);
test(
  promotes,
  'is sent again when nothing moved for three minutes',
  { rollout },
  async ({ rack, start }) => {
    rack.fail('promote', 'cut');
    const process = start();
    verdictIs(await process.verdict, 'success');
    assert.match(
      texts(process, 'warn').join('\n'),
      /nothing has moved since, so it is asked again$/,
    );
    assert.is(rack.world.promotions.length, 1);
  },
);
test(promotes, 'is told when it is lost twice', { rollout }, async ({ rack, start }) => {
  rack.fail('promote', 'cut', 'cut');
  const said =
    /^not known whether release RNEWBAAA was promoted: .*was cut, twice, and the app does /;
  verdictIs(await start().verdict, 'error', said);
  assert.is(rack.world.promotions.length, 0);
});
test(promotes, 'that is busy after all waits again', {}, async ({ rack, start }) => {
  let refusals = 0;
  rack.refuse = ['promote', 403, 'app is currently updating'];
  rack.onExchange = (exchange) => {
    if (exchange === 'promote' && ++refusals === 2) rack.refuse = undefined;
  };
  verdictIs(await start().verdict, 'success');
  assert.equal([refusals, rack.world.promotions.length], [3, 1]);
});

for (const exchange of ['build', 'app'] as const) {
  test(
    outcomes,
    `through a ${exchange} endpoint that flaps`,
    { rollout },
    async ({ rack, start }) => {
      const flaps: readonly Fault[] = ['503', 'html', 'cut', '404', 'html', '404', 'half after'];
      rack.onExchange = (each) => {
        if (each !== (exchange === 'build' ? 'start' : 'promote')) return;
        rack.fail(exchange, ...flaps);
      };
      verdictIs(await start().verdict, 'success');
    },
  );
  test(
    outcomes,
    `when the credential stops working at ${exchange}`,
    { rollout },
    async ({ rack, start }) => {
      rack.onExchange = (each) => {
        if (each === (exchange === 'build' ? 'start' : 'promote'))
          rack.refuse = [exchange, 403, 'no more'];
      };
      const verdict = await start().verdict;
      verdictIs(verdict, 'error', /does not let us follow.*not known: .*no more/);
      assert.ok(verdict.goesOn);
    },
  );
}

outcomes.run();
builds.run();
variables.run();
promotes.run();
