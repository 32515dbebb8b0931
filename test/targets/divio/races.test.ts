import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stop } from '../../../src/errors.ts';
import type { Verdict } from '../../../src/targets/target.ts';
import { older } from '../../support/divio/fake-divio.ts';
import type { Process } from '../../support/divio/process.ts';
import { commit, onDivio, type Scene, texts, verdictIs } from '../../support/divio/stage.ts';
import { order } from '../../support/job.ts';

const busy = suite('divio: somebody else deploys');
const behind = suite('divio: the commit has not been pulled');
const two = suite('divio: two pipelines race');

const sigterm: Stop = { kind: 'signal', name: 'SIGTERM' };
const waiting = (process: Process) => texts(process, 'info').join('\n');

/** Another's deployment, of the older commit, which has begun before we look. */
const occupy = (
  { world, live }: Scene,
  lasts = 20_000,
  ends: 'success' | 'failure' = 'success',
) => {
  world.pull(older);
  const made = world.deploy(live, 'AUTO', { lasts, ends });
  world.pull(commit);
  return made;
};

for (const ends of ['success', 'failure'] as const) {
  onDivio(busy, `waits for its ${ends}, and deploys then`, {}, async (scene) => {
    occupy(scene, 20_000, ends);
    const process = scene.start();
    verdictIs(await process.verdict, 'success', /^deployment depc2+ succeeded/);
    const [other, ours] = scene.world.deployments;
    assert.ok((ours?.startedAt ?? 0) >= (other?.endedAt ?? Number.NaN));
    assert.is(scene.world.environments[1]?.deployed, commit);
    assert.match(waiting(process), /deployment depb2+ \(not of this run\) runs; ours waits/);
  });
}

onDivio(busy, 'says whose it is where it is known', {}, async (scene) => {
  occupy(scene);
  const buildCreatedAt = scene.clock.now() + 60_000;
  const job = { order: { ...order, seq: buildCreatedAt, expiry: buildCreatedAt, buildCreatedAt } };
  const { verdict } = scene.start({ on_busy: 'fail' }, { job });
  verdictIs(await verdict, 'failure', /deployment depb2+ \(of somebody else\) runs/);
});

onDivio(busy, 'fails at once where it is told to', {}, async (scene) => {
  occupy(scene);
  const said =
    /^nothing was deployed: deployment depb2+ \(not of this run\) runs \(divio_on_busy: fail\); see https/;
  verdictIs(await scene.start({ on_busy: 'fail' }).verdict, 'failure', said);
  assert.is(scene.world.deployments.length, 1);
});

onDivio(
  busy,
  'attaches where it is told to, and deploys what that did not bring',
  {},
  async (scene) => {
    occupy(scene);
    const process = scene.start({ on_busy: 'attach' });
    verdictIs(await process.verdict, 'success', /^deployment depc2+ succeeded/);
    assert.match(texts(process, 'warn').join(), /taken for ours .* it may bring another commit/);
    assert.equal(
      scene.world.deployments.map(({ commit: each }) => each),
      [older, commit],
    );
  },
);

onDivio(busy, 'attaches and believes, without verification', {}, async (scene) => {
  occupy(scene, 20_000, 'failure');
  const process = scene.start({ on_busy: 'attach', verify: 'off' });
  verdictIs(await process.verdict, 'failure', /^deployment depb2+ failed/);
  assert.is(scene.world.deployments.length, 1);
});

onDivio(busy, 'attaches to nothing that lacks its variables', {}, async (scene) => {
  occupy(scene);
  const settings = { on_busy: 'attach', verify: 'off', env: 'COLOUR=red' };
  verdictIs(await scene.start(settings).verdict, 'success', /^deployment depc2+/);
  assert.equal(
    scene.world.deployments.map(({ variables }) => variables),
    [{}, { COLOUR: 'red' }],
  );
});

onDivio(busy, 'waits no longer than it may', {}, async (scene) => {
  occupy(scene, 1e9);
  const began = scene.clock.now();
  const verdict = await scene.start({ queue_timeout: '33s' }).verdict;
  assert.ok(scene.clock.now() - began < 35_000, 'not to the next look');
  verdictIs(verdict, 'failure', /^nothing was deployed: .* still runs after 33s \(divio_queue_tim/);
  assert.is(scene.world.deployments.length, 1);
});

onDivio(busy, 'deploys nothing when it is stopped meanwhile', {}, async (scene) => {
  occupy(scene, 1e9);
  const { verdict, recorded } = scene.start();
  await scene.exchanged(8);
  recorded.stop(sigterm);
  verdictIs(
    await verdict,
    'cancelled',
    /^nothing was deployed: the run was ended while it waited$/,
  );
  assert.is((await verdict).goesOn, undefined);
  assert.is(scene.world.deployments.length, 1);
});

for (const manner of ['refuse', 'refuse 400', 'refuse 423', 'queue', 'attach'] as const) {
  const title = `finds somebody faster, where Divio would ${manner}`;
  onDivio(busy, title, { busy: manner }, async (scene) => {
    const { fake, world, start } = scene;
    fake.onExchange = (exchange) => {
      if (exchange === 'list' && world.deployments.length === 0) occupy(scene, 9000);
    };
    // An answer that is another's deployment looks like ours: only what it brought tells.
    const process = start(manner === 'attach' ? {} : { verify: 'off' });
    verdictIs(await process.verdict, 'success', /^deployment depc2+ succeeded/);
    assert.is(world.deployments.length, 2);
    const [other, ours] = world.deployments;
    assert.ok((ours?.startedAt ?? 0) >= (other?.endedAt ?? Number.NaN));
  });
}

onDivio(
  busy,
  'gives up where Divio refuses though nothing runs',
  {},
  async ({ fake, world, start }) => {
    fake.fail('deploy', '400');
    verdictIs(await start().verdict, 'failure', /^nothing was deployed: POST .* 400: not now$/);
    assert.is(world.deployments.length, 0);
  },
);

for (const field of ['environment', 'build_mode'] as const) {
  const options = { busy: `refuse ${field}` } as const;
  onDivio(busy, `is not what a refusal of the ${field} is about`, options, async (scene) => {
    const { fake, world, start } = scene;
    fake.onExchange = (exchange) => {
      if (exchange === 'list' && world.deployments.length === 0) occupy(scene, 1e9);
    };
    const verdict = await start({ verify: 'off' }).verdict;
    verdictIs(
      verdict,
      'failure',
      new RegExp(`^nothing was deployed: .* 400: ${field}: Not this one`),
    );
    assert.is(world.deployments.length, 1);
    assert.is(fake.exchanges.filter((each) => each === 'deploy').length, 1);
  });
}

onDivio(
  busy,
  'has nothing to do where that brought the commit',
  {},
  async ({ world, live, start }) => {
    world.deploy(live, 'AUTO', { lasts: 20_000 });
    const process = start();
    verdictIs(await process.verdict, 'success', /^deployment depb2+ succeeded/);
    assert.is(world.deployments.length, 1);
    assert.match(waiting(process), /has brought what is ordered: nothing is left to deploy/);
  },
);

for (const [what, settings] of [
  ['FORCE', { build_mode: 'FORCE' }],
  ['new variables', { env: 'COLOUR=red' }],
  ['no verification', { verify: 'off' }],
] as const) {
  onDivio(busy, `deploys all the same with ${what}`, {}, async ({ world, live, start }) => {
    world.deploy(live, 'AUTO', { lasts: 20_000 });
    verdictIs(await start(settings).verdict, 'success', /^deployment depc2+ succeeded/);
    assert.is(world.deployments.length, 2);
  });
}

onDivio(
  busy,
  'deploys where that brought the commit and failed',
  {},
  async ({ world, live, start }) => {
    world.deploy(live, 'AUTO', { lasts: 5000 });
    await start().verdict;
    world.deploy(live, 'AUTO', { lasts: 20_000, ends: 'failure' });
    verdictIs(await start().verdict, 'success', /succeeded/);
    assert.is(world.deployments.length, 3);
  },
);

onDivio(
  behind,
  'deploys again once it is there',
  { isBehind: true },
  async ({ fake, world, start }) => {
    fake.onExchange = (exchange) => {
      if (exchange === 'site') world.pull(commit);
    };
    const process = start({ verify: 'require' });
    verdictIs(await process.verdict, 'success', /^deployment depc2+ succeeded/);
    assert.equal(
      world.deployments.map(({ commit: each }) => each),
      [older, commit],
    );
    assert.match(
      texts(process, 'warn').join(),
      /Divio deployed 3{7} \(maybe newer\), not 5{7}; deploying again \(1 of 2\)/,
    );
    assert.is(process.recorded.results.get('deployed_commit'), commit);
  },
);

for (const [verify, outcome, deployments] of [
  ['warn', 'success', 3],
  ['require', 'failure', 3],
  ['off', 'success', 1],
] as const) {
  onDivio(
    behind,
    `ends in ${outcome} with ${verify}`,
    { isBehind: true },
    async ({ world, start }) => {
      const process = start({ verify });
      const said =
        verify === 'off'
          ? /succeeded/
          : /^Divio deployed 3{7} \(maybe newer\), not 5{7}: webhook missing\? Press Update .* divio_pull_delay \(divio_verify/;
      const verdict = await process.verdict;
      verdictIs(verdict, outcome, said);
      assert.ok(verdict.description.length <= 140, 'GitHub shows no more');
      assert.not(texts(process).includes(verdict.description), 'the verdict is in the log anyway');
      assert.is(world.deployments.length, deployments);
    },
  );
}

onDivio(
  behind,
  'deploys again as often as it is told',
  { isBehind: true },
  async ({ world, start }) => {
    const settings = { verify: 'require', verify_retries: '0' };
    verdictIs(await start(settings).verdict, 'failure', /^Divio deployed 3/);
    assert.is(world.deployments.length, 1);
  },
);

onDivio(
  behind,
  'tells a second deployment that fails',
  { isBehind: true, course: (nth) => ({ ends: nth === 2 ? 'failure' : 'success' }) },
  async ({ world, start }) => {
    verdictIs(await start().verdict, 'failure', /^deployment depc2+ failed/);
    assert.is(world.deployments.length, 2);
  },
);

/** What is true of a process whose verdict is a success. */
const isTrue = (verdict: Verdict, { world }: Scene): boolean => {
  const uuid = /deployment (\w+) succeeded/.exec(verdict.description)?.[1];
  const deployment = world.deployments.find((each) => each.uuid === uuid);
  return verdict.outcome === 'success' && deployment?.course.ends === 'success';
};

for (const manner of ['refuse', 'refuse 400', 'refuse 423', 'queue', 'attach'] as const) {
  onDivio(two, `and both are told the truth (${manner})`, { busy: manner }, async (scene) => {
    const processes = [scene.start(), scene.start(), scene.start()];
    const verdicts = await Promise.all(processes.map(({ verdict }) => verdict));
    for (const verdict of verdicts) assert.ok(isTrue(verdict, scene), JSON.stringify(verdict));
    const { deployments } = scene.world;
    assert.ok(deployments.length <= 3);
    const asked = scene.fake.exchanges.filter((each) => each === 'deploy').length;
    assert.ok(asked >= deployments.length);
    deployments.slice(1).forEach(({ startedAt = 0 }, n) => {
      assert.ok(startedAt >= (deployments[n]?.endedAt ?? Number.NaN), 'one after the other');
    });
  });
}

busy.run();
behind.run();
two.run();
