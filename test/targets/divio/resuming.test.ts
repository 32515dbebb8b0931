import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../../src/errors.ts';
import type { Checkpoint } from '../../../src/targets/target.ts';
import { type Manners, older } from '../../support/divio/fake-divio.ts';
import type { Process, Settings } from '../../support/divio/process.ts';
import { commit, onDivio, type Scene, texts, verdictIs } from '../../support/divio/stage.ts';
import { order } from '../../support/job.ts';
import { rejectionOf } from '../../support/rejection.ts';

const killed = suite('divio: kill -9 and a checkpoint');
const alone = suite('divio: kill -9 and nothing left behind');

const settings = { sensitive_env: 'KEY=v4lue-of-a-variable', poll_interval: '2s' };
const last = ({ recorded }: Process): Checkpoint | undefined => {
  const state = recorded.saved.at(-1)?.state;
  return state && JSON.parse(JSON.stringify(state));
};
const same = (process: Process) => texts(process).join('\n');

/** Starts a process and kills it when so many requests have been dealt with. */
async function startAndKill(scene: Scene, exchanges: number): Promise<Process> {
  const first = scene.start(settings);
  scene.fake.onExchange = (_, count) => {
    if (count === exchanges) first.kill();
  };
  await scene.exchanged(exchanges);
  await pause(20);
  scene.fake.onExchange = () => {};
  return first;
}

for (const ends of ['success', 'failure'] as const) {
  for (const fault of ['none', 'hang', 'hang after'] as const) {
    for (let nth = 1; nth <= 10; nth += 1) {
      const title = `at exchange ${nth} (${fault}), on the way to ${ends}`;
      onDivio(killed, title, { course: { ends } }, async (scene) => {
        const { fake, world } = scene;
        fake.failAt(nth, fault);
        const first = await startAndKill(scene, nth);
        const checkpoint = last(first);
        const second = scene.start(settings, {
          job: checkpoint ? { checkpoint, predecessor: true } : {},
        });
        verdictIs(await second.verdict, ends, /^deployment depb2+ (succeeded|failed)/);
        assert.is(world.deployments.length, 1);
        assert.is(world.variables.length, 1);
      });
    }
  }
}

/** A run whose commit comes only with its second deployment. */
const late = { verify: 'require', poll_interval: '3s' };
for (const fault of ['none', 'hang', 'hang after'] as const) {
  for (let nth = 8; nth <= 14; nth += 1) {
    onDivio(
      killed,
      `at exchange ${nth} of two deployments (${fault})`,
      { isBehind: true },
      async (scene) => {
        const { fake, world } = scene;
        fake.failAt(nth, fault);
        const first = scene.start(late);
        fake.onExchange = (exchange, count) => {
          if (exchange === 'site') world.pull(commit);
          if (count === nth) first.kill();
        };
        await scene.exchanged(nth);
        await pause(20);
        const checkpoint = last(first) as Checkpoint;
        const second = scene.start(late, { job: { checkpoint, predecessor: true } });
        verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
        assert.is(world.deployments.length, 2);
      },
    );
  }
}

for (const when of ['before', 'after'] as const) {
  onDivio(killed, `${when} it has attached`, {}, async (scene) => {
    const { world, live } = scene;
    world.deploy(live, 'AUTO', { lasts: 20_000 });
    const saved: Checkpoint[] = [];
    const keep = (mine: string) => (state: Checkpoint) => {
      saved.push(state);
      return mine === when ? new Promise<void>(() => {}) : Promise.resolve();
    };
    const job = { before: keep('before'), after: keep('after') };
    const first = scene.start({ on_busy: 'attach' }, { job });
    while (saved.length < (when === 'before' ? 1 : 2)) await pause(1);
    first.kill();
    assert.is(saved.at(-1)?.step, when === 'before' ? 'attaching' : 'started');
    const checkpoint = JSON.parse(JSON.stringify(saved.at(-1)));
    await scene.clock.pause(21_000);
    const second = scene.start({ on_busy: 'attach' }, { job: { checkpoint, predecessor: true } });
    verdictIs(await second.verdict, 'success', /^deployment depb2+ succeeded/);
    assert.is(world.deployments.length, 1);
  });
}

/** A checkpoint of a run that was killed right then, by name. */
for (const step of ['variables', 'variables set', 'starting', 'started', 'ended']) {
  onDivio(killed, `with the checkpoint "${step}"`, {}, async (scene) => {
    const saved: Checkpoint[] = [];
    const keep = (state: Checkpoint): Promise<void> => {
      saved.push(state);
      return state.step === step ? new Promise(() => {}) : Promise.resolve();
    };
    const first = scene.start(settings, { job: { before: keep, after: keep } });
    while (saved.at(-1)?.step !== step) await pause(1);
    first.kill();
    const checkpoint = JSON.parse(JSON.stringify(saved.at(-1)));
    const second = scene.start(settings, { job: { checkpoint, predecessor: true } });
    verdictIs(await second.verdict, 'success', /^deployment depb2+ succeeded/);
    assert.is(scene.world.deployments.length, 1);
    assert.not.match(JSON.stringify(saved), 'v4lue');
  });
}

onDivio(killed, 'after the end gives the same verdict, and asks nobody', {}, async (scene) => {
  const first = scene.start();
  const verdict = await first.verdict;
  const asked = scene.fake.exchanges.length;
  const checkpoint = last(first) as Checkpoint;
  assert.equal(await scene.start({}, { job: { checkpoint } }).verdict, verdict);
  assert.is(scene.fake.exchanges.length, asked);
});

onDivio(killed, 'while it waited for another: waits on', {}, async (scene) => {
  scene.world.deploy(scene.live, 'AUTO', { lasts: 60_000 });
  const first = scene.start({ verify: 'off' });
  await scene.exchanged(8);
  first.kill();
  const second = scene.start(
    { verify: 'off' },
    { job: { checkpoint: { step: 'waiting', redeploys: 0 } } },
  );
  verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
  assert.is(scene.world.deployments.length, 2);
});

onDivio(
  killed,
  'between two deployments counts the redeploys on',
  { isBehind: true },
  async (scene) => {
    const first = scene.start({ verify_retries: '1', verify: 'require' });
    const isSecond = ({ state }: { state: Checkpoint }) =>
      state.step === 'started' && state.redeploys === 1;
    while (!first.recorded.saved.some(isSecond)) await pause(1);
    first.kill();
    const checkpoint = last(first) as Checkpoint;
    const second = scene.start({ verify_retries: '1', verify: 'require' }, { job: { checkpoint } });
    verdictIs(await second.verdict, 'failure', /^Divio deployed 3/);
    assert.is(scene.world.deployments.length, 2);
  },
);

onDivio(killed, 'between two deployments does not forget the first', {}, async (scene) => {
  scene.fake.fail('deploy', '400');
  const { verdict } = scene.start({}, { job: { checkpoint: { step: 'waiting', redeploys: 1 } } });
  const said =
    /^Divio deployed another commit: .*\. Deploying again: nothing was deployed: POST .* 400/;
  verdictIs(await verdict, 'failure', said);
});

onDivio(
  killed,
  'while it waited, and the token is refused: rejects as a new run does',
  {},
  async (scene) => {
    scene.fake.fail('me', '401', '401', '401');
    const job = { checkpoint: { step: 'waiting', redeploys: 0 }, predecessor: true };
    const error = await rejectionOf<RemoteError>(scene.start({}, { job }).verdict);
    assert.is(error.kind, 'credentials');
  },
);

onDivio(killed, 'and many others deployed since: not known', {}, async (scene) => {
  const { world, live, clock, start } = scene;
  const checkpoint = { step: 'starting', redeploys: 0, since: clock.now(), seen: [] };
  for (const n of [1, 2]) {
    world.deploy(live, 'AUTO', { lasts: 100 });
    await clock.pause(200 * n);
  }
  const { verdict } = start({}, { job: { checkpoint } });
  verdictIs(await verdict, 'error', /^not known which of the 2 deployments/);
  assert.is(world.deployments.length, 2);
});

onDivio(
  killed,
  'hours ago: what others deployed since is not taken for ours',
  {},
  async (scene) => {
    const { world, live, clock, start } = scene;
    world.remember(live, 1_800_000, 30_000);
    const since = clock.now() - 7_200_000;
    const checkpoint = { step: 'starting', redeploys: 0, since, seen: [] };
    verdictIs(await start({}, { job: { checkpoint } }).verdict, 'success', /^deployment depc2+/);
  },
);

onDivio(killed, 'and Divio cannot be asked: not known', {}, async ({ fake, start, clock }) => {
  fake.fail('me', '401', '401', '401', '401');
  for (const [checkpoint, said] of [
    [{ step: 'started', deployment: 'depb', redeploys: 0 }, /^not known how the deploy ends: /],
    [
      { step: 'starting', redeploys: 0, since: clock.now(), seen: [] },
      /^not known whether a deployment was started: .*; see https:\/\/control\.divio\.com\/$/,
    ],
    [{ step: 'attaching', deployment: 'depb', redeploys: 0 }, /^not known how the deploy ends: /],
    [{ step: 'waiting', redeploys: 1 }, /^not known how the deploy ends: /],
  ] as const) {
    verdictIs(await start({}, { job: { checkpoint } }).verdict, 'error', said);
  }
});

onDivio(killed, 'among its variables, and one has begun since: not known', {}, async (scene) => {
  const { world, live, clock, start } = scene;
  const checkpoint = { step: 'variables', redeploys: 0, since: clock.now(), seen: [] };
  world.deploy(live);
  const { verdict } = start(settings, { job: { checkpoint } });
  verdictIs(await verdict, 'error', /^not known what was deployed: deployment depb2+ began before/);
  assert.is(world.deployments.length, 1);
});

/** A one-shot run has no store: its successor knows only that there was one. */
const successor = (scene: Scene, job: object = {}): Process =>
  scene.start({}, { job: { predecessor: true, ...job } });

for (const ends of ['success', 'failure'] as const) {
  onDivio(
    alone,
    `adopts its deployment that goes on to ${ends}`,
    { course: { ends } },
    async (scene) => {
      const { clock, world } = scene;
      const predecessorSince = clock.now();
      const first = scene.start();
      while (world.deployments.length === 0) await pause(1);
      first.kill();
      const second = successor(scene, { predecessorSince });
      verdictIs(await second.verdict, ends, /^deployment depb2+/);
      assert.is(world.deployments.length, 1);
      assert.match(
        same(second),
        /An earlier run of this deploy was killed; deployment depb2+ has begun/,
      );
    },
  );
}

onDivio(alone, 'adopts its deployment that has ended', {}, async (scene) => {
  const { clock, world, start } = scene;
  const buildCreatedAt = clock.now();
  await start().verdict;
  const job = {
    order: { ...order, seq: buildCreatedAt, expiry: buildCreatedAt + 3e6, buildCreatedAt },
  };
  verdictIs(await successor(scene, job).verdict, 'success', /^deployment depb2+ succeeded/);
  assert.is(world.deployments.length, 1);
});

onDivio(alone, 'deploys where nothing has begun since', {}, async (scene) => {
  const { world, live, clock } = scene;
  world.remember(live, 600_000, 30_000);
  const second = successor(scene, { predecessorSince: clock.now() - 300_000 });
  verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
  assert.match(same(second), /An earlier run .* was killed; Divio has begun no deployment since/);
});

onDivio(alone, 'says that it does not know where several have', {}, async (scene) => {
  const { world, live, clock } = scene;
  for (const ago of [200_000, 100_000]) world.remember(live, ago, 30_000);
  const second = successor(scene, { predecessorSince: clock.now() - 300_000 });
  verdictIs(await second.verdict, 'error', /^not known which of the 2 deployments that began/);
  assert.is(world.deployments.length, 2);
});

onDivio(
  alone,
  'goes back as far as a run may last where nobody knows when it began',
  {},
  async (scene) => {
    const { world, live, clock } = scene;
    world.remember(live, 1_000_000, 30_000);
    const seq = clock.now();
    const job = { order: { ...order, seq, expiry: seq + 3_300_000 } };
    verdictIs(await successor(scene, job).verdict, 'success', /^deployment depc2+/);
    assert.equal(
      world.deployments.map(({ commit: each }) => each),
      [older, commit],
    );
  },
);

onDivio(alone, 'leaves alone what began before it', {}, async (scene) => {
  const { world, live, clock } = scene;
  world.remember(live, 330_000, 20_000);
  const second = successor(scene, { predecessorSince: clock.now() - 300_000 });
  verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
  assert.is(world.deployments.length, 2);
});

onDivio(alone, 'says that it does not know where Divio cannot be asked', {}, async (scene) => {
  scene.fake.fail('list', '403', '403', '403', '403');
  const { verdict } = successor(scene, { predecessorSince: scene.clock.now() });
  verdictIs(await verdict, 'error', /^not known whether an earlier run has started a deployment: /);
  assert.is(scene.world.deployments.length, 0);
});

/** A run that was killed before it asked Divio, and what somebody else has deployed since. */
const strangers = suite('divio: kill -9, and somebody else deployed since');
const unreadable = (_: unknown, json: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(json).filter(([name]) => name !== 'pending_commits_lookup'));
const notOurs =
  /^not known whether what is ordered serves: deployment depb2+ \(an earlier run's or s/;

for (const [what, view, settings, brings] of [
  ['its commit cannot be read', unreadable, {}, commit],
  ['nobody compares commits', undefined, { verify: 'off' }, older],
  ['ours may not be deployed again', undefined, { verify_retries: '0' }, older],
  ['its image may be an old one', undefined, { build_mode: 'FORCE' }, commit],
] as const) {
  const options = view ? { view } : {};
  onDivio(strangers, `does not call that ours where ${what}`, options, async (scene) => {
    const { world, live, clock, start } = scene;
    world.pull(brings);
    const predecessorSince = clock.now() - 30_000;
    world.deploy(live, 'AUTO', { lasts: 20_000 });
    const second = start(settings, { job: { predecessor: true, predecessorSince } });
    verdictIs(await second.verdict, 'error', notOurs);
    assert.is(world.deployments.length, 1);
  });
}

onDivio(strangers, 'does not call its failure ours', {}, async (scene) => {
  const { world, live, clock } = scene;
  const predecessorSince = clock.now();
  world.deploy(live, 'AUTO', { lasts: 9000, ends: 'failure', log: 'no space left\n' });
  const second = successor(scene, { predecessorSince });
  const said = /^deployment depb2+ \(an earlier run's or somebody else's\) failed: no space left$/;
  verdictIs(await second.verdict, 'failure', said);
});

onDivio(strangers, 'deploys ours where that brought another commit', {}, async (scene) => {
  const { world, live, clock, start } = scene;
  world.pull(older);
  const predecessorSince = clock.now();
  world.deploy(live, 'AUTO', { lasts: 9000 });
  world.pull(commit);
  const job = { predecessor: true, predecessorSince };
  const second = start({ sensitive_env: 'KEY=v4lue-of-a-variable' }, { job });
  // Divio holds the variable already, with whatever value.
  world.setVariable(live, 'KEY', 'old', true);
  verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
  assert.is(world.deployments[1]?.variables.KEY, 'v4lue-of-a-variable');
});

for (const [what, settings] of [
  ['there are none', { sensitive_env: 'KEY=v4lue-of-a-variable' }],
  ['they have other values', { env: 'KEY=v4lue-of-a-variable' }],
] as const) {
  onDivio(strangers, `deploys where the variables show it: ${what}`, {}, async (scene) => {
    const { world, live, clock, start } = scene;
    if ('env' in settings) world.setVariable(live, 'KEY', 'old', false);
    const predecessorSince = clock.now();
    world.deploy(live, 'AUTO', { lasts: 9000 });
    const second = start(settings, { job: { predecessor: true, predecessorSince } });
    verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
    assert.is(world.deployments[1]?.variables.KEY, 'v4lue-of-a-variable');
    assert.match(same(second), /before it had set the variables: .* is of somebody else/);
  });
}

onDivio(
  strangers,
  'does not call that ours which began before the variables',
  {},
  async (scene) => {
    const { world, live, clock, start } = scene;
    const predecessorSince = clock.now();
    world.deploy(live, 'AUTO', { lasts: 9000 });
    world.setVariable(live, 'KEY', 'v4lue-of-a-variable', true);
    const job = { predecessor: true, predecessorSince };
    const second = start({ sensitive_env: 'KEY=v4lue-of-a-variable' }, { job });
    verdictIs(await second.verdict, 'error', notOurs);
    assert.not.match(JSON.stringify([same(second), await second.verdict]), 'v4lue');
  },
);

onDivio(strangers, 'knows ours by its variables, and shows none of them', {}, async (scene) => {
  const { world, clock, start } = scene;
  const predecessorSince = clock.now();
  const first = start(settings);
  while (world.deployments.length === 0) await pause(1);
  first.kill();
  const second = start(settings, { job: { predecessor: true, predecessorSince } });
  verdictIs(await second.verdict, 'success', /^deployment depb2+ succeeded/);
  assert.is(world.deployments.length, 1);
  const said = JSON.stringify([same(second), [...second.recorded.results]]);
  assert.not.match(said, /v4lue|a-password-of-divio/);
});

onDivio(strangers, 'deploys where that began when the run was long dead', {}, async (scene) => {
  const { world, live, clock } = scene;
  world.remember(live, 900_000, 30_000, 'failure');
  const seq = clock.now();
  const job = {
    order: { ...order, seq, expiry: seq + 900_000 },
    predecessorSince: seq - 7_200_000,
  };
  verdictIs(await successor(scene, job).verdict, 'success', /^deployment depc2+ succeeded/);
  assert.is(world.deployments.length, 2);
});

onDivio(strangers, 'deploys where a store says that nothing was asked for', {}, async (scene) => {
  const { world, live, clock } = scene;
  const predecessorSince = clock.now();
  world.deploy(live, 'AUTO', { lasts: 9000, ends: 'failure' });
  const own = { ...order, seq: clock.now(), expiry: clock.now() + 3e6, runId: 'r1' };
  const second = successor(scene, { order: own, predecessorSince });
  verdictIs(await second.verdict, 'success', /^deployment depc2+ succeeded/);
});

/** Nobody remembers the first run: without a forge there is no predecessor to tell of. */
const rerun = suite('divio: the same build runs again, and nobody remembers the first');

type Again = { readonly began?: number; readonly settings?: Settings };

/** A first process deploys and is killed at its end; a second one of the same build follows. */
async function again(scene: Scene, { began = 0, settings: own = {} }: Again) {
  const buildCreatedAt = scene.clock.now() + began;
  const seq = scene.clock.now();
  const job = { order: { ...order, seq, expiry: seq + 3e6, buildCreatedAt } };
  await scene.start(own, { job }).verdict;
  const second = scene.start(own, { job });
  return { verdict: await second.verdict, said: same(second) };
}

onDivio(rerun, 'has nothing left to deploy where its commit serves', {}, async (scene) => {
  const { verdict, said } = await again(scene, {});
  verdictIs(verdict, 'success', /^deployment depb2+ succeeded/);
  assert.is(scene.world.deployments.length, 1);
  assert.match(
    said,
    /depb2+ \(maybe an earlier run of this build\) has brought .* nothing is left/,
  );
});

const failsFirst: Manners['course'] = (nth) => ({ ends: nth === 1 ? 'failure' : 'success' });
for (const [what, given, options] of [
  ['began before the build', { began: 3_600_000 }, {}],
  ['with FORCE', { settings: { build_mode: 'FORCE' } }, {}],
  // It may have begun before they were set.
  ['with variables', { settings: { env: 'COLOUR=red' } }, {}],
  ['without verification', { settings: { verify: 'off' } }, {}],
  ['that failed', {}, { course: failsFirst }],
] as const) {
  onDivio(rerun, `deploys after one ${what}`, options, async (scene) => {
    const { verdict } = await again(scene, given);
    verdictIs(verdict, 'success', /^deployment depc2+ succeeded/);
    assert.is(scene.world.deployments.length, 2);
  });
}

onDivio(rerun, 'deploys where another commit serves', {}, async (scene) => {
  const { world, live, clock, start } = scene;
  world.remember(live, 60_000, 30_000);
  const seq = clock.now();
  const job = { order: { ...order, seq, expiry: seq, buildCreatedAt: seq - 120_000 } };
  verdictIs(await start({}, { job }).verdict, 'success', /^deployment depc2+ succeeded/);
});

onDivio(rerun, 'does not call a running one of somebody else', {}, async (scene) => {
  const { world, live, clock, start } = scene;
  const buildCreatedAt = clock.now() - 5000;
  world.deploy(live, 'AUTO', { lasts: 20_000 });
  const job = { order: { ...order, seq: 1, expiry: 2, buildCreatedAt } };
  const process = start({}, { job });
  verdictIs(await process.verdict, 'success', /^deployment depb2+ succeeded/);
  assert.match(same(process), /depb2+ \(maybe an earlier run of this build\) runs; ours waits/);
  assert.not.match(same(process), /somebody else/);
});

killed.run();
alone.run();
strangers.run();
rerun.run();
