import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../../src/errors.ts';
import { saidIn } from '../../../src/targets/convox/dialect.ts';
import { password } from '../../support/convox/fake-rack.ts';
import type { Exchange, Fault } from '../../support/convox/manners.ts';
import type { Sight } from '../../support/convox/world.ts';
import { scaledClock } from '../../support/scaled-clock.ts';
import { test as testOn, texts, verdictIs } from './stage.ts';

/** What the vendor's sources say and no other file here is about, in their order. */
const said = suite('convox: as the vendor has it');
const cuts = suite('convox: cut where few deploys come');

const test: typeof testOn = (on, title, manners, run) =>
  testOn(on, title, manners, run, scaledClock(150));

test(said, 'a rack URL beats host, password and rack', {}, async ({ start }) => {
  const other = { host: 'console.invalid', password: 'other-pw', rack: 'acme/other' };
  verdictIs(await start(other).verdict, 'success');
});
test(said, 'a rack URL needs no user', {}, async ({ rack, start }) => {
  const url = rack.rackUrl.replace('//convox:', '//:');
  verdictIs(await start({ rack_url: url }).verdict, 'success');
});

test(
  said,
  'answers that a rack is slow with are waited for longer than http_timeout',
  {
    late: { start: 900, promote: 900, 'process start': 900 },
  },
  async ({ rack, start }) => {
    const process = start({ before_promote: 'web: migrate' });
    verdictIs(await process.verdict, 'success');
    // Else the deploy would come to the same end, by looking for what became of them.
    assert.not.match(texts(process).join('\n'), /answer was lost/i);
    assert.ok(process.recorded.saved.some(({ state }) => state.step === 'promoted'));
    const { builds, promotions, ran } = rack.world;
    assert.equal([builds.length, promotions.length, ran.length], [1, 1, 1]);
  },
);

test(said, 'a build without a release is a failure', {}, async ({ rack, start }) => {
  rack.onExchange = (exchange) => {
    if (exchange !== 'start') return;
    const [build] = rack.world.builds;
    if (build) Object.defineProperty(build, 'release', { get: () => '', set: () => {} });
  };
  const verdict = await start().verdict;
  verdictIs(verdict, 'failure', /^build BNEWAAAA is complete and has no release; look at 127/);
  assert.equal(rack.world.promotions, []);
});

for (const status of ['failed', 'deleting']) {
  test(said, `an app that is ${status} is not promoted to`, {}, async ({ rack, start }) => {
    rack.onExchange = (exchange) => {
      if (exchange === 'build') rack.world.status = status;
    };
    const { verdict } = start();
    verdictIs(await verdict, 'failure', new RegExp(`not promoted: the app is ${status}; mend it`));
    assert.equal(rack.world.promotions, []);
  });
}
test(
  said,
  'an app that is deleted ends the rollout',
  {
    rollout: ['updating'],
  },
  async ({ rack, start }) => {
    rack.onExchange = (exchange) => {
      if (exchange === 'app' && rack.world.promotions.length > 0)
        rack.world.others.push('deleting');
    };
    verdictIs(await start().verdict, 'failure', /ended badly: the app is deleting now/);
  },
);
test(
  said,
  'a rollback that does not end is told after a quarter of an hour',
  {
    rollout: ['updating', 'rollback'],
  },
  async ({ start }) =>
    verdictIs(
      await start().verdict,
      'failure',
      /is still rolling release RNEWBAAA back to release R/,
    ),
);

test(
  said,
  'a log of the app that is none does not matter, and is not asked for again',
  {
    rollout: [...Array<Sight>(30).fill('updating'), 'running'],
    tellApp: async (talk) => {
      await talk.say('ERROR: no resources found in rack1-app1 namespace\n');
      await talk.eof();
    },
  },
  async ({ rack, start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success');
    assert.is(rack.seen.filter((each) => each === 'app logs').length, 1);
    assert.not(process.recorded.text().includes('no resources'));
  },
);
test(
  said,
  "lines of the app that are not the system's are not passed on",
  {
    tellApp: (talk) => talk.say('[pod/web-1/app] 2026-03-18T14:30:49Z GET /\n'),
  },
  async ({ start }) => {
    const process = start();
    verdictIs(await process.verdict, 'success');
    assert.is(process.recorded.text(), 'line1\nline2\n');
  },
);
test(
  said,
  'processes are told when they change',
  {
    rollout: [...Array<Sight>(30).fill('updating'), 'running'],
  },
  async ({ rack, start }) => {
    const about = { name: 'web', release: 'RNEWBAAA', command: '', script: [] };
    rack.world.processes.push({ id: 'web-1', status: 'running', ...about });
    rack.world.processes.push({ id: 'web-2', status: 'pending', ...about });
    const process = start();
    verdictIs(await process.verdict, 'success');
    const told = process.recorded.progress.filter((line) => line.startsWith('process '));
    assert.equal(told, ['process web-2 of web is pending']);
  },
);

said('errors are JSON under any spelling, or one line of text, and never a page', () => {
  const of = (body: string, type = 'application/json') =>
    saidIn({ status: 400, headers: { 'content-type': type }, body });
  assert.is(of('{"error":"app not found: nope"}'), 'app not found: nope');
  assert.is(of('{"Error":"app not found: nope"}'), 'app not found: nope');
  assert.is(of('app not found: nope\n', 'text/plain; charset=utf-8'), 'app not found: nope');
  assert.is(of('', 'text/plain'), undefined);
  assert.is(of('<html>502</html>', 'text/html'), undefined);
  assert.is(of('<html>502</html>', 'text/plain'), undefined);
});

test(said, 'an app that somebody creates meanwhile is as good', {}, async ({ rack, start }) => {
  rack.world.isThere = false;
  rack.refuse = ['create', 409, 'app already exists: app1'];
  rack.onExchange = (exchange) => {
    if (exchange === 'create') rack.world.isThere = true;
  };
  verdictIs(await start({ create_app: 'true' }).verdict, 'success');
});
test(said, 'an app that does not come up is told', {}, async ({ rack, start }) => {
  rack.world.isThere = false;
  rack.world.status = 'creating';
  rack.onExchange = (exchange) => {
    if (exchange === 'create' || exchange === 'app') rack.world.others.splice(0, 9, 'creating');
  };
  const { verdict } = start({ create_app: 'true' });
  verdictIs(await verdict, 'failure', /^the app app1 was created and does not come up$/);
});

test(said, 'a rack that stops showing an app it creates is told as that', {}, async (scene) => {
  const { rack, start } = scene;
  rack.world.isThere = false;
  rack.onExchange = (exchange) => {
    if (exchange === 'create') rack.refuse = ['app', 403, 'you are unauthorized to access this'];
  };
  const fault = await start({ create_app: 'true' }).verdict.catch((error: Error) => error);
  assert.instance(fault, RemoteError);
  assert.match((fault as RemoteError).message, /unauthorized to access this/);
});

// Every other exchange is cut in faults.test.ts.
const racks = ['acme/staging'];
const passing: readonly Fault[] = ['cut', 'cut after', 'half after', '500', '502 after', 'html'];
for (const fault of passing) {
  for (const exchange of ['racks', 'session'] as const) {
    // A page in the place of a session is told as it is.
    if (exchange === 'session' && fault === 'html') continue;
    test(
      cuts,
      `${exchange} of the console, by ${fault}`,
      {
        racks,
        session: 'wanted',
      },
      async ({ rack, start }) => {
        rack.fail(exchange, fault);
        const through = { rack_url: '', host: rack.url, password, rack: 'staging' };
        verdictIs(await start(through).verdict, 'success');
        assert.ok(rack.seen.includes(exchange));
      },
    );
  }
  for (const exchange of ['builds', 'processes'] as const) {
    test(
      cuts,
      `${exchange}, by ${fault}`,
      {
        rollout: [...Array<Sight>(30).fill('updating'), 'running'],
      },
      async ({ rack, start }) => {
        rack.fail(exchange, fault);
        verdictIs(await start().verdict, 'success');
        assert.ok(rack.seen.includes(exchange));
        assert.equal([rack.world.builds.length, rack.world.promotions.length], [1, 1]);
      },
    );
  }
  test(cuts, `the app's creation, by ${fault}`, {}, async ({ rack, start }) => {
    rack.world.isThere = false;
    rack.fail('create', fault);
    const verdict = await start({ create_app: 'true' }).verdict;
    const { isThere, builds, promotions } = rack.world;
    verdictIs(verdict, 'success');
    assert.equal([isThere, builds.length, promotions.length], [true, 1, 1]);
  });
  test(
    cuts,
    `the diagnosis, by ${fault}`,
    {
      rollout: ['updating', 'rollback', 'back'],
      diagnosis: { pods: [{ service: 'web', classification: 'unhealthy', stateDetail: 'boom' }] },
    },
    async ({ rack, start }) => {
      rack.fail('diagnose', fault);
      verdictIs(
        await start().verdict,
        'failure',
        /^the rack rolled release RNEWBAAA back to release R/,
      );
    },
  );
  testOn(
    cuts,
    `the cancellation, by ${fault}`,
    {
      rollout: Array<Sight>(300).fill('updating'),
    },
    async ({ rack, start }) => {
      const process = start();
      while (rack.world.promotions.length === 0) await pause(1);
      rack.fail('cancel', fault);
      process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
      const verdict = await process.verdict;
      verdictIs(verdict, 'cancelled');
      const { status, cancels } = rack.world;
      const goesOn = status !== 'running';
      assert.ok(verdict.goesOn || !goesOn, JSON.stringify([verdict, status]));
      // Whatever became of the first request; what a page stands for is not asked twice.
      assert.ok(cancels > 0 || fault === 'html', 'nothing was cancelled');
    },
    // What is left to a run that ends is real time, too.
    scaledClock(20),
  );
  test(cuts, `a look for the note of an earlier run, by ${fault}`, {}, async ({ rack, start }) => {
    const first = start({ promote: 'false' });
    verdictIs(await first.verdict, 'success');
    rack.fail('object', fault);
    verdictIs(await start({}, { predecessor: true }).verdict, 'success');
    assert.equal([rack.world.builds.length, rack.world.promotions.length], [1, 1]);
  });
}
for (const exchange of ['processes', 'diagnose', 'app logs', 'logs', 'system'] as Exchange[]) {
  test(
    cuts,
    `${exchange}, again and again`,
    {
      rollout: [...Array<Sight>(12).fill('updating'), 'running'],
    },
    async ({ rack, start }) => {
      rack.fail(exchange, ...Array<Fault>(5).fill('cut'));
      const process = start();
      verdictIs(await process.verdict, 'success');
      assert.not.match(texts(process, 'error').join(), /./);
    },
  );
}

said.run();
cuts.run();
