import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FakeRack } from '../../support/convox/fake-rack.ts';
import type { Exchange } from '../../support/convox/manners.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { test, verdictIs } from './stage.ts';

const pace = suite('convox: the pace of looks');

const endless = ['updating'] as const;
const speed = 30;
const line = '2026-03-18T14:30:49Z system/k8s/atom/app Status: Updating => Running\n';

type Heard = { readonly exchange: Exchange; readonly at: number };

/** Ends the rollout so long after it was begun; gives what was asked meanwhile, in ms of its clock. */
function endAfter(rack: FakeRack, seconds: number, factor: number): readonly Heard[] {
  const heard: Heard[] = [];
  let began = 0;
  rack.onExchange = (exchange) => {
    if (exchange === 'promote') {
      began = performance.now();
      setTimeout(
        () => {
          rack.world.script.splice(0, 9, 'running');
          rack.onExchange = () => {};
        },
        (seconds * 1000) / factor,
      ).unref();
    } else if (began > 0) heard.push({ exchange, at: (performance.now() - began) * factor });
  };
  return heard;
}

for (const forbidden of [[], ['app logs', 'processes', 'diagnose']] as const) {
  const who = forbidden.length > 0 ? 'a deploy key' : 'a password';
  test(
    pace,
    `with ${who} asks no more in 30 s than the vendor's client does`,
    { rollout: endless, forbidden },
    async ({ rack, start }) => {
      const heard = endAfter(rack, 30, speed);
      verdictIs(await start().verdict, 'success');
      assert.ok(heard.length <= 15, `${heard.length} requests`);
      const looks = heard.filter(({ exchange }) => exchange === 'app');
      assert.ok(looks.length >= 7, `${looks.length} looks`);
      for (const [n, { at }] of looks.slice(1).entries()) {
        assert.ok(at - (looks[n]?.at ?? 0) > 900, `looks ${at - (looks[n]?.at ?? 0)} ms apart`);
      }
    },
    scaledClock(speed),
  );
}

test(
  pace,
  "looks soon when the rack's log says that something has changed",
  {
    rollout: endless,
    tellApp: (talk, world) => {
      const timer = setInterval(() => {
        if (world.script[0] !== 'running') return;
        clearInterval(timer);
        void talk.say(line);
      }, 1).unref();
    },
  },
  async ({ rack, start }) => {
    let looks = 0;
    let doneAt = 0;
    rack.onExchange = (exchange) => {
      looks += exchange === 'app' && rack.world.promotions.length > 0 ? 1 : 0;
      // Just after a look: the next one would come 2.7 s later, and one more would have to confirm it.
      if (looks !== 4 || doneAt > 0) return;
      doneAt = performance.now();
      rack.world.script.push('running');
    };
    verdictIs(await start().verdict, 'success');
    assert.ok(doneAt > 0);
    // One look for the hint, one that confirms it; how soon is the bench's to say.
    assert.ok(looks <= 7, `${looks} looks`);
  },
  scaledClock(10),
);

for (const [what, begin, exchange] of [
  ['a rollout', 'promote', 'app'],
  ['a build', 'start', 'build'],
  ['the wait for the app', 'build', 'app'],
] as const) {
  test(
    pace,
    `leaves the rack alone for as long as it asks to be, for ${what}`,
    { retryAfter: '75' },
    async ({ rack, start }) => {
      const looks: number[] = [];
      rack.onExchange = (each) => {
        if (each === exchange) looks.push(performance.now() * speed);
        if (each !== begin) return;
        looks.splice(0);
        if (rack.world.builds[0]?.status !== 'running') rack.fail(exchange, '429');
      };
      verdictIs(await start().verdict, 'success');
      const [refused = 0, next = 0] = looks;
      assert.ok(next - refused >= 75_000, `${next - refused} ms`);
    },
    scaledClock(speed),
  );
}

test(
  pace,
  'follows a rollout for longer than the 35 minutes of the client',
  { rollout: endless },
  async ({ rack, start }) => {
    const heard = endAfter(rack, 40 * 60, 600);
    verdictIs(await start().verdict, 'success');
    assert.ok(heard.length > 20 && heard.length < 40 * 2 * 17, `${heard.length} exchanges`);
  },
  scaledClock(600),
);

test(
  pace,
  'follows a build for most of an hour',
  { build: Array<string>(1500).fill('running').concat('complete') },
  async ({ rack, start }) => {
    verdictIs(await start({ promote: 'false' }).verdict, 'success');
    assert.is(rack.seen.filter((each) => each === 'build').length, 1501);
  },
  scaledClock(1000),
);

pace.run();
