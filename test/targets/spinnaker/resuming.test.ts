import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Checkpoint } from '../../../src/targets/target.ts';
import { onGate, type Scene } from '../../support/gate/stage.ts';
import { order } from '../../support/job.ts';
import { type Process, type Settings, texts, verdictIs } from '../../support/process.ts';

const killed = suite('spinnaker: kill -9 and a checkpoint');
const alone = suite('spinnaker: kill -9 and a forge that remembers');
const forgotten = suite('spinnaker: the same build runs again, and nobody remembers the first');

const last = ({ recorded }: Process): Checkpoint | undefined => {
  const state = recorded.saved.at(-1)?.state;
  return state && JSON.parse(JSON.stringify(state));
};
const said = (process: Process): string => texts(process).join('\n');

const failing = { stages: [{ name: 'Deploy', lasts: 6000, ends: 'TERMINAL' }], ends: 'TERMINAL' };

/** Starts a process and kills it when so many requests have been dealt with. */
async function startAndKill(scene: Scene, exchanges: number, job = {}): Promise<Process> {
  const first = scene.start({}, { job });
  scene.gate.onExchange = (_, count) => {
    if (count === exchanges) first.kill();
  };
  await scene.exchanged(exchanges);
  await pause(20);
  scene.gate.onExchange = () => {};
  return first;
}

for (const ends of ['success', 'failure'] as const) {
  for (const fault of ['none', 'hang', 'hang after'] as const) {
    for (let nth = 1; nth <= 5; nth += 1) {
      const title = `at exchange ${nth} (${fault}), on the way to ${ends}`;
      onGate(killed, title, { course: ends === 'success' ? {} : failing }, async (scene) => {
        scene.gate.failAt(nth, fault);
        const first = await startAndKill(scene, nth);
        const checkpoint = last(first);
        const second = scene.start(
          {},
          { job: checkpoint ? { checkpoint, predecessor: true } : {} },
        );
        verdictIs(await second.verdict, ends, /Deploy to live (succeeded|failed)/);
        assert.is(scene.world.executions.length, 1);
      });
    }
  }
}

/** A checkpoint of a run that was killed right then, by name. */
for (const step of ['starting', 'started', 'ended']) {
  onGate(killed, `with the checkpoint "${step}"`, {}, async (scene) => {
    const saved: Checkpoint[] = [];
    const keep = (state: Checkpoint): Promise<void> => {
      saved.push(state);
      return state.step === step ? new Promise(() => {}) : Promise.resolve();
    };
    const first = scene.start({}, { job: { before: keep, after: keep } });
    while (saved.at(-1)?.step !== step) await pause(1);
    first.kill();
    const checkpoint = JSON.parse(JSON.stringify(saved.at(-1)));
    const second = scene.start({}, { job: { checkpoint, predecessor: true } });
    verdictIs(await second.verdict, 'success', /^pipeline Deploy to live succeeded/);
    assert.is(scene.world.executions.length, 1);
    assert.not.match(JSON.stringify(saved), 'p4r4m3t3r');
  });
}

onGate(killed, 'after the end gives the same verdict, and asks nobody', {}, async (scene) => {
  const first = scene.start();
  const verdict = await first.verdict;
  const asked = scene.gate.exchanges.length;
  const checkpoint = last(first) as Checkpoint;
  assert.equal(await scene.start({}, { job: { checkpoint } }).verdict, verdict);
  assert.is(scene.gate.exchanges.length, asked);
});

onGate(killed, 'when it had cancelled: the end there is told', {}, async (scene) => {
  const first = scene.start();
  while (scene.world.executions.length === 0) await pause(1);
  await pause(20);
  first.recorded.stop({ kind: 'timeout' });
  while (!scene.gate.exchanges.includes('cancel')) await pause(1);
  first.kill();
  const checkpoint = { step: 'started', key: 'k', execution: scene.world.executions[0]?.id ?? '' };
  const { verdict } = scene.start({}, { job: { checkpoint } });
  verdictIs(await verdict, 'cancelled', /was cancelled in Spinnaker by ci@example\.com: Slipway:/);
});

onGate(killed, 'and Gate cannot be asked: not known', {}, async ({ gate, start }) => {
  gate.fail('pipeline', '401');
  const starting = { step: 'starting', key: 'slipway-key-of-before', seen: [] };
  const unknown = /^not known whether an execution was started: .*401.*; see http/;
  verdictIs(await start({}, { job: { checkpoint: starting } }).verdict, 'error', unknown);
  gate.fail('look', '401', '401', '401');
  const began = { step: 'started', key: 'slipway-key-of-before', execution: '01J' };
  const lost = /^how the deploy ends is not known/;
  verdictIs(await start({}, { job: { checkpoint: began } }).verdict, 'error', lost);
});

onGate(killed, 'and what had the id before is not taken for its', {}, async (scene) => {
  const { world, start, pipeline } = scene;
  const before = world.remember(pipeline(), 3_600_000, 5000, 'slipway-key-of-before');
  const checkpoint = { step: 'starting', key: 'slipway-key-of-before', seen: [before.id] };
  const second = start({}, { job: { checkpoint } });
  verdictIs(await second.verdict, 'success', /succeeded/);
  assert.is(world.executions.length, 2);
  assert.is(second.recorded.results.get('execution_id'), world.executions[1]?.id);
});

/** A one-shot run whose deployment at a forge remembers that there was one. */
const successor = (scene: Scene, settings: Settings = {}): Process =>
  scene.start(settings, { job: { predecessor: true } });

for (const ends of ['success', 'failure'] as const) {
  const course = ends === 'success' ? {} : failing;
  onGate(alone, `finds its execution that goes on to ${ends}`, { course }, async (scene) => {
    const first = scene.start();
    while (scene.world.executions.length === 0) await pause(1);
    first.kill();
    const second = successor(scene);
    verdictIs(await second.verdict, ends, /Deploy to live/);
    assert.is(scene.world.executions.length, 1);
    assert.match(said(second), /An earlier run of this deploy .* looking for it/);
    assert.match(said(second), /Execution 01J0+1 has this correlation id: going on with it/);
  });

  onGate(alone, `finds its execution that has ended in ${ends}`, { course }, async (scene) => {
    const first = scene.start();
    await first.verdict;
    const second = successor(scene);
    verdictIs(await second.verdict, ends, /Deploy to live/);
    assert.is(scene.world.executions.length, 1);
  });
}

onGate(alone, 'starts one where there is none', {}, async (scene) => {
  const second = successor(scene);
  verdictIs(await second.verdict, 'success', /succeeded/);
  assert.match(said(second), /There is none: starting one/);
  assert.is(scene.world.executions.length, 1);
});

for (const [what, settings, job] of [
  ['another attempt', {}, { attempt: '2' }],
  ['other parameters', { parameters: 'tag=v2' }, {}],
  ['another pipeline', { pipeline: 'Deploy to test', parameters: 'tag=v1.2.3-p4r4m3t3r' }, {}],
  ['another run key', {}, { order: { ...order, runKey: 'f'.repeat(20) } }],
] as const) {
  onGate(alone, `does not take the execution of ${what} for its own`, {}, async (scene) => {
    const first = scene.start();
    const second = scene.start(settings, { job: { predecessor: true, ...job } });
    verdictIs(await first.verdict, 'success', /succeeded/);
    verdictIs(await second.verdict, 'success', /succeeded/);
    assert.is(scene.world.executions.length, 2);
  });
}

/** Neither a server nor a forge: the attempt is another one in each process. */
const again = (scene: Scene, attempt: string, settings: Settings = {}): Process =>
  scene.start(settings, { job: { unremembered: true, attempt } });

for (let nth = 3; nth <= 5; nth += 1) {
  onGate(forgotten, `joins the execution of a run killed at exchange ${nth}`, {}, async (scene) => {
    await startAndKill(scene, nth, { unremembered: true, attempt: 'first' });
    const second = again(scene, 'second');
    verdictIs(await second.verdict, 'success', /succeeded/);
    assert.is(scene.world.executions.length, 1);
  });
}

onGate(forgotten, 'joins what runs, and says so', {}, async (scene) => {
  const first = again(scene, 'first');
  while (scene.world.executions.length === 0) await pause(1);
  first.kill();
  const second = again(scene, 'second');
  verdictIs(await second.verdict, 'success', /succeeded/);
  assert.is(scene.world.executions.length, 1);
  assert.match(said(second), /was started by an earlier run of this build: joined/);
});

onGate(
  forgotten,
  'has nothing left to deploy after a success that is the newest',
  {},
  async (scene) => {
    await again(scene, 'first').verdict;
    const second = again(scene, 'second');
    verdictIs(await second.verdict, 'success', /succeeded/);
    assert.is(scene.world.executions.length, 1);
    assert.match(said(second), /nothing was started since: nothing is left to deploy/);
  },
);

onGate(forgotten, 'deploys again, to go back to it, after another build', {}, async (scene) => {
  await again(scene, 'first').verdict;
  const other = { order: { ...order, runKey: 'f'.repeat(20) }, unremembered: true } as const;
  await scene.start({}, { job: other }).verdict;
  const third = again(scene, 'third');
  verdictIs(await third.verdict, 'success', /succeeded/);
  assert.is(scene.world.executions.length, 3);
  assert.is(third.recorded.results.get('execution_id'), scene.world.executions[2]?.id);
});

onGate(forgotten, 'deploys again after another build, under another name', {}, async (scene) => {
  const { id } = scene.pipeline();
  await again(scene, 'first', { pipeline: id }).verdict;
  const at = scene.world.pipelines.findIndex((each) => each.id === id);
  const renamed = { ...scene.pipeline(), name: 'Ship it' };
  scene.world.pipelines.splice(at, 1, renamed);
  scene.world.remember(renamed, 1000, 500);
  verdictIs(await again(scene, 'third', { pipeline: id }).verdict, 'success', /succeeded/);
  assert.is(scene.world.executions.length, 3);
});

onGate(
  forgotten,
  'waits for the end of one that is being cancelled, and deploys again',
  {
    course: (nth) =>
      nth === 1 ? { stages: [{ name: 'Deploy', lasts: 1e9 }], cancelTakes: 30_000 } : {},
  },
  async (scene) => {
    const first = again(scene, 'first');
    while (scene.world.executions.length === 0) await pause(1);
    first.recorded.stop({ kind: 'signal', name: 'SIGTERM' });
    await first.verdict;
    const second = again(scene, 'second');
    verdictIs(await second.verdict, 'success', /succeeded/);
    assert.is(scene.world.executions.length, 2);
    assert.match(said(second), /Execution 01J0+1 .* is being cancelled: waiting for it/);
  },
);

onGate(forgotten, 'deploys again after a failure', { course: failing }, async (scene) => {
  await again(scene, 'first').verdict;
  verdictIs(await again(scene, 'second').verdict, 'failure', /Deploy/);
  assert.is(scene.world.executions.length, 2);
});

onGate(
  forgotten,
  'finds the new one among those of before, when its answer is lost',
  { course: failing },
  async (scene) => {
    await again(scene, 'first').verdict;
    scene.gate.fail('start', 'cut after');
    const second = again(scene, 'second');
    verdictIs(await second.verdict, 'failure', /Deploy/);
    assert.is(scene.world.executions.length, 2);
    assert.is(second.recorded.results.get('execution_id'), scene.world.executions[1]?.id);
  },
);

onGate(forgotten, 'deploys where it cannot be looked up, and says so', {}, async (scene) => {
  scene.gate.fail('search', '404');
  const process = again(scene, 'first');
  verdictIs(await process.verdict, 'success', /succeeded/);
  assert.match(said(process), /Whether an earlier run .* is not known: .*404/);
});

killed.run();
alone.run();
forgotten.run();
