import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import type { Verdict } from '../../../src/targets/target.ts';
import type { Exchange } from '../../support/divio/fake-divio.ts';
import { startDivio } from '../../support/divio/process.ts';
import { commit, onDivio, type Scene, texts, verdictIs } from '../../support/divio/stage.ts';
import type { Fault } from '../../support/faulty.ts';
import { deadUrl } from '../../support/loopback.ts';
import { scaledClock } from '../../support/scaled-clock.ts';

const outcomes = suite('divio: the outcome told is the outcome there');
const cuts = suite('divio: cut at each exchange');

/** What Divio would have to say for the verdict to be true, and that it was asked for one deployment only. */
function assertTrue(verdict: Verdict, { world }: Scene, ends: 'success' | 'failure'): void {
  assert.ok(world.deployments.length <= 1, `${world.deployments.length} deployments`);
  if (verdict.outcome === 'error') {
    const isTold = /not known|nothing was deployed/.test(verdict.description);
    assert.ok(isTold, JSON.stringify(verdict));
    if (/nothing was deployed/.test(verdict.description)) assert.is(world.deployments.length, 0);
    return;
  }
  assert.is(verdict.outcome, ends, JSON.stringify(verdict));
  assert.is(world.deployments[0]?.course.ends, ends);
  assert.is.not(world.deployments[0]?.endedAt, undefined);
}

const reads: readonly Exchange[] = ['me', 'applications', 'environments', 'list', 'look'];
const atReads: readonly Fault[] = [
  ...(['cut', 'cut after', 'half after', 'hang', 'html'] as const),
  ...(['429', '500', '503'] as const),
];
for (const exchange of reads) {
  for (const fault of atReads) {
    onDivio(outcomes, `through ${fault} at ${exchange}`, {}, async (scene) => {
      scene.fake.fail(exchange, fault, fault);
      const verdict = await scene.start().verdict;
      assertTrue(verdict, scene, 'success');
      assert.is(verdict.outcome, 'success', JSON.stringify(verdict));
    });
  }
}

const atDeploy: readonly Fault[] = [
  ...(['cut', 'cut after', 'half after', 'hang', 'hang after', 'html', 'html after'] as const),
  ...(['429', '500', '500 after', '503'] as const),
];
for (const fault of atDeploy) {
  for (const times of [1, 2, 3]) {
    onDivio(outcomes, `through ${times} × ${fault} at deploy`, {}, async (scene) => {
      scene.fake.fail('deploy', ...Array.from({ length: times }, () => fault));
      const verdict = await scene.start().verdict;
      assertTrue(verdict, scene, 'success');
      // Three requests whose answers are lost are enough.
      const isLost = times === 3 && !fault.endsWith('after') && fault !== '429';
      assert.is(verdict.outcome, isLost ? 'error' : 'success', JSON.stringify(verdict));
    });
  }
}

for (const fault of ['cut after', '500 after'] as const) {
  for (const list of ['html', '500', '404'] as const) {
    onDivio(
      outcomes,
      `through ${fault} at deploy, and ${list} at the look for it`,
      {},
      async (scene) => {
        scene.fake.onExchange = (exchange) => {
          if (exchange === 'deploy') scene.fake.fail('list', list, list);
        };
        scene.fake.fail('deploy', fault);
        const verdict = await scene.start().verdict;
        assertTrue(verdict, scene, 'success');
        assert.is(verdict.outcome, 'success');
      },
    );
  }
}

onDivio(outcomes, 'when the look for a lost deployment is refused for good', {}, async (scene) => {
  scene.fake.onExchange = (exchange) => {
    if (exchange === 'deploy') scene.fake.fail('list', '401', '401', '401', '401');
  };
  scene.fake.fail('deploy', 'cut after');
  verdictIs(await scene.start().verdict, 'error', /^not known whether a deployment was started: /);
});

onDivio(outcomes, 'when two deployments began where one was asked for', {}, async (scene) => {
  const { fake, world, live } = scene;
  fake.onExchange = (exchange) => {
    if (exchange !== 'deploy' || world.deployments.length > 1) return;
    const [first] = world.deployments;
    if (first) first.endedAt = world.now();
    world.deploy(live);
  };
  fake.fail('deploy', 'cut after');
  const said = /^not known which of the 2 deployments that began meanwhile is ours; see https:/;
  verdictIs(await scene.start().verdict, 'error', said);
});

onDivio(outcomes, 'when a deployment of before is the only one', {}, async (scene) => {
  const { fake, world, live, start } = scene;
  world.remember(live, 30_000, 20_000);
  fake.fail('deploy', 'cut');
  verdictIs(await start({ verify: 'off' }).verdict, 'success', /^deployment depc2+ succeeded/);
  assert.is(world.deployments.length, 2);
});

for (const [fault, said] of [
  ['401', /how the deploy ends is not known, .* 401.*divio_token is wrong, expired or revoked/],
  ['403', /how the deploy ends is not known, .* may not do this/],
  ['404', /how the deploy ends is not known, .* there is no such thing, or the user/],
] as const) {
  onDivio(outcomes, `through ${fault} in passing while it follows`, {}, async (scene) => {
    scene.fake.fail('look', fault, fault);
    verdictIs(await scene.start().verdict, 'success', /succeeded/);
  });
  onDivio(outcomes, `when ${fault} is meant`, {}, async (scene) => {
    scene.fake.fail('look', fault, fault, fault, fault);
    const verdict = await scene.start().verdict;
    verdictIs(verdict, 'error', said);
    assert.match(verdict.goesOn ?? '', /^https:\/\/control\.divio\.com\/o\//);
  });
}

onDivio(
  outcomes,
  'through a status that flaps, with warnings that thin out',
  { course: { lasts: 100_000 } },
  async (scene) => {
    // A page in between is asked for three times before it counts as one trouble.
    const pages = Array.from({ length: 24 }, (): Fault => 'html');
    const noes = Array.from({ length: 4 }, (): Fault[] => ['404', '403', 'none']).flat();
    scene.fake.fail('look', ...noes, '500', 'cut', 'none', ...pages, 'none');
    const process = scene.start();
    verdictIs(await process.verdict, 'success', /succeeded/);
    const troubles = texts(process, 'warn').map((line) => /\((\d+) in a row\)/.exec(line)?.[1]);
    assert.equal(troubles.slice(-4), ['1', '2', '4', '8']);
    assert.ok(texts(process, 'info').includes('Divio answers again'));
  },
);

for (const [exchange, ends] of [
  ['log', 'failure'],
  ['site', 'success'],
] as const) {
  onDivio(outcomes, `without its ${exchange}`, { course: { ends } }, async (scene) => {
    scene.fake.fail(exchange, ...Array.from({ length: 10 }, (): Fault => '404'));
    assertTrue(await scene.start().verdict, scene, ends);
  });
}

onDivio(outcomes, 'when the deployed commit cannot be read at the end', {}, async (scene) => {
  scene.fake.onExchange = (exchange) => {
    if (exchange === 'deploy') scene.fake.fail('environments', '403', '403', '403', '403');
  };
  const process = scene.start();
  verdictIs(await process.verdict, 'success', /succeeded/);
  assert.match(
    texts(process, 'warn').join(),
    /Not verified: the deployed commit could not be read/,
  );
});

/** Two minutes and some for the machine; without a limit it would be ten and more. */
const mostAfterMs = 5 * 60_000;
const forever = (fault: Fault): Fault[] => Array.from({ length: 500 }, () => fault);

for (const [fault, said] of [
  ['500', /^Not verified: the deployed commit could not be read: GET .* answered 500/],
  ['429', /^Not verified: the deployed commit could not be read: GET .* answered 429/],
  ['hang', /^Not verified: the deployed commit could not be read: GET .* no answer in time/],
] as const) {
  for (const [verify, outcome] of [
    ['warn', 'success'],
    ['require', 'error'],
  ] as const) {
    const title = `soon, though the deployed commit is not to be had: ${fault} (${verify})`;
    onDivio(outcomes, title, {}, async ({ fake, world, clock, start }) => {
      fake.onExchange = (exchange) => {
        if (exchange === 'deploy') fake.fail('environments', ...forever(fault));
      };
      const process = start({ verify });
      const verdict = await process.verdict;
      const waited = clock.now() - (world.deployments[0]?.endedAt ?? 0);
      assert.ok(waited < mostAfterMs, `${waited} ms after the end`);
      if (outcome === 'success') assert.ok(texts(process, 'warn').some((line) => said.test(line)));
      const end =
        outcome === 'success' ? /succeeded/ : /^not known whether the ordered commit serves/;
      verdictIs(verdict, outcome, end);
    });
  }
}

for (const [exchange, ends] of [
  ['log', 'failure'],
  ['site', 'success'],
] as const) {
  onDivio(outcomes, `soon, though its ${exchange} hangs`, { course: { ends } }, async (scene) => {
    scene.fake.fail(exchange, ...forever('hang'));
    verdictIs(await scene.start({}, { timeoutMs: 2000 }).verdict, ends, /^deployment depb2+ /);
    const { endedAt = 0 } = scene.world.deployments[0] ?? {};
    assert.ok(scene.clock.now() - endedAt < mostAfterMs);
  });
}

onDivio(outcomes, 'of ours, where what another brought is not to be had', {}, async (scene) => {
  const { fake, world, live, start } = scene;
  world.deploy(live, 'AUTO', { lasts: 9000 });
  fake.onExchange = (exchange) => {
    if (exchange === 'look') fake.fail('environments', ...forever('500'));
  };
  verdictIs(await start().verdict, 'success', /^deployment depc2+ succeeded/);
});

outcomes('when nothing listens', async () => {
  const at = { url: await deadUrl(), token: 'divio-token' };
  const { verdict } = startDivio(at, {}, { clock: scaledClock(500) });
  verdictIs(
    await verdict,
    'error',
    /^nothing was deployed: .*the connection was refused; the host is that of divio_api_url or divio_zone$/,
  );
});

/** Every exchange of a deploy that sets a variable, shows a failure's log, or verifies a success. */
const settings = { sensitive_env: 'KEY=v4lue-of-a-variable', poll_interval: '2s' };
for (const ends of ['success', 'failure'] as const) {
  for (const fault of ['cut', 'cut after'] as const) {
    for (let nth = 1; nth <= 14; nth += 1) {
      const title = `${fault === 'cut' ? 'before' : 'after'} Divio acted at ${nth}, on the way to ${ends}`;
      onDivio(cuts, title, { course: { ends } }, async (scene) => {
        scene.fake.failAt(nth, fault);
        const verdict = await scene.start(settings).verdict;
        assertTrue(verdict, scene, ends);
        assert.is(verdict.outcome, ends, JSON.stringify(verdict));
        assert.equal(
          scene.world.variables.map(({ value }) => value),
          ['v4lue-of-a-variable'],
        );
        if (ends === 'success') assert.is(scene.world.environments[1]?.deployed, commit);
      });
    }
  }
}

/** Every exchange of a deploy by number whose commit comes only with the second deployment. */
const comesLate = ({ fake, world }: Scene): void => {
  fake.onExchange = (exchange) => {
    if (exchange === 'site') world.pull(commit);
  };
};
const twice = { application: '354', verify: 'require', poll_interval: '3s' };
for (const fault of ['cut', 'cut after'] as const) {
  for (let nth = 1; nth <= 18; nth += 1) {
    const title = `${fault === 'cut' ? 'before' : 'after'} Divio acted at ${nth} of two deployments`;
    onDivio(cuts, title, { isBehind: true }, async (scene) => {
      comesLate(scene);
      scene.fake.failAt(nth, fault);
      verdictIs(await scene.start(twice).verdict, 'success', /^deployment depc2+ succeeded/);
      assert.is(scene.world.deployments.length, 2);
      assert.is(scene.world.environments[1]?.deployed, commit);
    });
  }
}

onDivio(
  cuts,
  'and in no exchange of two deployments that was left out',
  { isBehind: true },
  async (scene) => {
    comesLate(scene);
    await scene.start(twice).verdict;
    assert.ok(scene.fake.exchanges.length <= 18, scene.fake.exchanges.join());
    assert.ok(scene.fake.exchanges.includes('legacy'));
  },
);

onDivio(cuts, 'and in no exchange that was left out', {}, async ({ fake, start }) => {
  await start(settings).verdict;
  assert.ok(fake.exchanges.length <= 14, fake.exchanges.join());
});

onDivio(outcomes, 'when the token stops to work before anything began', {}, async (scene) => {
  scene.fake.fail('list', '401', '401', '401');
  const error = await scene.start().verdict.catch((each: RemoteError) => each);
  assert.is('kind' in error && error.kind, 'credentials');
  assert.is(scene.world.deployments.length, 0);
});

outcomes.run();
cuts.run();
