import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import type { Verdict } from '../../../src/targets/target.ts';
import type { Exchange, Fault, Manners } from '../../support/gate/fake-gate.ts';
import { startSpinnaker } from '../../support/gate/process.ts';
import { onGate, type Scene } from '../../support/gate/stage.ts';
import { usual } from '../../support/gate/world.ts';
import { deadUrl } from '../../support/loopback.ts';
import { texts, verdictIs } from '../../support/process.ts';
import { scaledClock } from '../../support/scaled-clock.ts';

const outcomes = suite('spinnaker: the outcome told is the outcome there');
const cuts = suite('spinnaker: cut at each exchange');

type Ends = 'success' | 'failure';
const courses = {
  success: {},
  failure: { stages: [{ name: 'Deploy', lasts: 6000, ends: 'TERMINAL' }], ends: 'TERMINAL' },
} as const;

/** What Spinnaker would have to say for the verdict to be true, and that one execution at most was started. */
function assertTrue(verdict: Verdict, { world }: Scene, ends: Ends): void {
  const { executions } = world;
  assert.ok(executions.length <= 1, `${executions.length} executions`);
  if (verdict.outcome === 'error') {
    const isTold = /not known|nothing was started/.test(verdict.description);
    assert.ok(isTold, JSON.stringify(verdict));
    if (/nothing was started/.test(verdict.description)) assert.is(executions.length, 0);
    return;
  }
  assert.is(verdict.outcome, ends, JSON.stringify(verdict));
  assert.is(executions[0]?.status, ends === 'success' ? 'SUCCEEDED' : 'TERMINAL');
}

const reads: readonly Exchange[] = ['pipeline', 'look', 'executions'];
const atReads: readonly Fault[] = [
  ...(['cut', 'cut after', 'half after', 'hang', 'html', 'empty'] as const),
  ...(['429', '500', '503'] as const),
];
for (const exchange of reads) {
  for (const fault of atReads) {
    onGate(outcomes, `through ${fault} at ${exchange}`, {}, async (scene) => {
      scene.gate.fail(exchange, fault, fault);
      const verdict = await scene.start().verdict;
      assertTrue(verdict, scene, 'success');
      assert.is(verdict.outcome, 'success', JSON.stringify(verdict));
    });
  }
}

const atStart: readonly Fault[] = [
  ...(['cut', 'cut after', 'half after', 'hang', 'hang after', 'html', 'html after'] as const),
  ...(['empty', '429', '500', '500 after', '503'] as const),
];
for (const fault of atStart) {
  for (const times of [1, 2, 3]) {
    onGate(outcomes, `through ${times} × ${fault} at start`, {}, async (scene) => {
      scene.gate.fail('start', ...Array.from({ length: times }, () => fault));
      const verdict = await scene.start().verdict;
      assertTrue(verdict, scene, 'success');
      // Three requests whose answers are lost are enough.
      const isLost = times === 3 && !fault.endsWith('after') && fault !== '429';
      assert.is(verdict.outcome, isLost ? 'error' : 'success', JSON.stringify(verdict));
      // What has acted once is found, and not asked for again.
      const asked = scene.gate.exchanges.filter((each) => each === 'start').length;
      if (fault.endsWith('after')) assert.is(asked, 1);
    });
  }
}

for (const fault of ['cut after', '500 after'] as const) {
  for (const search of ['html', '500', '404'] as const) {
    onGate(
      outcomes,
      `through ${fault} at start, and ${search} at the search for it`,
      {},
      async (scene) => {
        scene.gate.onExchange = (exchange) => {
          if (exchange === 'start') scene.gate.fail('search', search, search);
        };
        scene.gate.fail('start', fault);
        const verdict = await scene.start().verdict;
        assertTrue(verdict, scene, 'success');
        assert.is(verdict.outcome, 'success');
      },
    );
  }
}

onGate(outcomes, 'when the search for a lost execution is refused for good', {}, async (scene) => {
  scene.gate.fail('search', '403', '403', '403', '403');
  scene.gate.fail('start', 'cut after');
  const said =
    /^not known whether an execution was started: .*403.*; see http:.*\/applications\/hello\/pipelines$/;
  verdictIs(await scene.start().verdict, 'error', said);
  assert.is(scene.world.executions.length, 1);
});

onGate(
  outcomes,
  'when a lost execution has ended before it is found',
  { course: { stages: [{ name: 'Deploy', lasts: 100 }] } },
  async (scene) => {
    scene.gate.fail('start', 'cut after');
    verdictIs(await scene.start().verdict, 'success', /^pipeline Deploy to live succeeded/);
    assert.is(scene.world.executions.length, 1);
  },
);

for (const [fault, said] of [
  ['401', /how the deploy ends is not known, .* 401.*; spinnaker_token may be wrong, expired/],
  ['403', /how the deploy ends is not known, .* READ and EXECUTE/],
  ['html', /how the deploy ends is not known, .* with a web page, as to somebody who is not/],
] as const) {
  onGate(outcomes, `through ${fault} in passing while it follows`, {}, async (scene) => {
    scene.gate.fail('look', fault, fault);
    verdictIs(await scene.start().verdict, 'success', /succeeded/);
  });
  onGate(outcomes, `when ${fault} is meant`, {}, async (scene) => {
    scene.gate.fail('look', ...Array.from({ length: 12 }, () => fault));
    const verdict = await scene.start().verdict;
    verdictIs(verdict, 'error', said);
    assert.match(verdict.goesOn ?? '', /\/pipelines\/01J0+1$/);
  });
}

onGate(
  outcomes,
  'when its execution was deleted, which only one that is over can be',
  {},
  async (scene) => {
    scene.gate.fail('look', '404', '404', '404');
    const verdict = await scene.start().verdict;
    verdictIs(
      verdict,
      'error',
      /^not known how .*does not have execution 01J0+1 any more; see http/,
    );
    assert.is(verdict.goesOn, undefined);
  },
);

onGate(outcomes, 'through pages that say 404 while Gate restarts', {}, async (scene) => {
  scene.gate.fail('look', ...Array.from({ length: 6 }, () => '404 page' as const));
  verdictIs(await scene.start().verdict, 'success', /succeeded/);
});

onGate(outcomes, 'where nothing answers as Gate does', {}, async (scene) => {
  scene.gate.fail('pipeline', '404 page');
  verdictIs(
    await scene.start().verdict,
    'error',
    /^nothing was started: .*is it at spinnaker_gate_url/,
  );
});

for (const ref of ['/pipelines/', '/pipelines/null', '/pipelines/../applications', 7]) {
  let told = 0;
  const view: Manners['view'] = (exchange, json) => {
    told += exchange === 'start' ? 1 : 0;
    return exchange === 'start' && told === 1 ? { ref } : json;
  };
  onGate(outcomes, `when it is told of ${ref} as the execution`, { view }, async (scene) => {
    const process = scene.start();
    verdictIs(await process.verdict, 'success', /succeeded/);
    assert.is(process.recorded.results.get('execution_id'), scene.world.executions[0]?.id);
    assert.is(scene.world.executions.length, 1);
  });
}

onGate(
  outcomes,
  'when Gate goes on answering with another execution',
  {
    view: (exchange, json) =>
      exchange === 'look' ? { ...(json as object), id: '01JANOTHER', status: 'SUCCEEDED' } : json,
  },
  async (scene) => {
    const { verdict } = scene.start();
    verdictIs(
      await verdict,
      'error',
      /^how the deploy ends is not known.*holds another execution$/,
    );
  },
);

onGate(
  outcomes,
  'through a status that flaps, with warnings that thin out',
  { course: { stages: [{ name: 'Deploy', lasts: 100_000 }] } },
  async (scene) => {
    // A page in between is asked for three times before it counts as one trouble.
    const pages = Array.from({ length: 24 }, (): Fault => 'empty');
    const noes = Array.from({ length: 4 }, (): Fault[] => ['404', '403', 'none']).flat();
    scene.gate.fail('look', ...noes, '500', 'cut', 'none', ...pages, 'none');
    const process = scene.start();
    verdictIs(await process.verdict, 'success', /succeeded/);
    const troubles = texts(process, 'warn').map((line) => /\((\d+) in a row\)/.exec(line)?.[1]);
    assert.equal(troubles.slice(-4), ['1', '2', '4', '8']);
    assert.ok(texts(process, 'info').includes('Gate answers again'));
  },
);

onGate(outcomes, 'without the durations of earlier ones', {}, async (scene) => {
  scene.gate.fail('executions', '404');
  assertTrue(await scene.start().verdict, scene, 'success');
});

outcomes('when nothing listens', async () => {
  const at = { url: await deadUrl(), token: 'spk_token' };
  const { verdict } = startSpinnaker(at, {}, { clock: scaledClock(500) });
  verdictIs(
    await verdict,
    'error',
    /^nothing was started: .*the connection was refused; the host is that of spinnaker_gate_url$/,
  );
});

for (const [status, said] of [
  ['400', /^nothing was started: POST .*answered 400: not now$/],
  ['404', /^nothing was started: .*404/],
] as const) {
  onGate(outcomes, `when Gate refuses to start with ${status}`, {}, async (scene) => {
    scene.gate.fail('start', status);
    verdictIs(await scene.start().verdict, 'failure', said);
  });
}

for (const [fault, kind] of [
  ['401', 'credentials'],
  ['403', 'permission'],
] as const) {
  for (const exchange of ['pipeline', 'start'] as const) {
    onGate(outcomes, `when ${exchange} is refused with ${fault}`, {}, async (scene) => {
      scene.gate.fail(exchange, fault);
      const error = await scene.start().verdict.catch((each: RemoteError) => each);
      assert.is('kind' in error && error.kind, kind);
      assert.is(scene.world.executions.length, 0);
    });
  }
}

/** Every exchange of a deploy. */
for (const ends of ['success', 'failure'] as const) {
  for (const fault of ['cut', 'cut after'] as const) {
    for (let nth = 1; nth <= 6; nth += 1) {
      const title = `${fault === 'cut' ? 'before' : 'after'} Gate acted at ${nth}, on the way to ${ends}`;
      onGate(cuts, title, { course: courses[ends] }, async (scene) => {
        scene.gate.failAt(nth, fault);
        const verdict = await scene.start().verdict;
        assertTrue(verdict, scene, ends);
        assert.is(verdict.outcome, ends, JSON.stringify(verdict));
      });
    }
  }
}

onGate(cuts, 'and in no exchange that was left out', {}, async ({ gate, start }) => {
  await start().verdict;
  assert.ok(gate.exchanges.length <= 6, gate.exchanges.join());
});

for (const fault of ['cut', 'cut after', 'hang', '500', 'html'] as const) {
  onGate(cuts, `at the cancellation: ${fault}`, { factor: 1 }, async (scene) => {
    const { gate, world, start } = scene;
    gate.fail('cancel', fault);
    const process = start();
    while (world.executions.length === 0) await scene.clock.pause(5);
    process.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
    const verdict = await process.verdict;
    const isKnown = world.executions[0]?.status === 'CANCELED';
    assert.is(verdict.outcome, 'cancelled', JSON.stringify(verdict));
    assert.is(verdict.goesOn === undefined, isKnown, JSON.stringify(verdict));
    assert.is(world.executions.length, 1);
  });
}

onGate(outcomes, 'of two at once with one key: they share it', {}, async ({ start, world }) => {
  const both = [start().verdict, start().verdict];
  for (const verdict of await Promise.all(both)) verdictIs(verdict, 'success', /succeeded/);
  assert.is(world.executions.length, 1);
});

onGate(
  outcomes,
  'of two at once in a pipeline that takes one: each of its own',
  { course: (nth) => ({ ...usual, ends: nth === 1 ? 'TERMINAL' : 'SUCCEEDED' }) },
  async ({ start, world }) => {
    const settings = { pipeline: 'One by one', parameters: '' };
    const first = start(settings, { job: { attempt: 'a' } });
    while (world.executions.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const second = start(settings, { job: { attempt: 'b' } });
    verdictIs(await first.verdict, 'failure', /One by one failed/);
    verdictIs(await second.verdict, 'success', /One by one succeeded/);
    assert.is(world.executions.length, 2);
    assert.ok(
      second.recorded.progress.some((text) => /waits for its turn \(NOT_STARTED\)/.test(text)),
    );
  },
);

outcomes.run();
cuts.run();
