import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { announce } from '../../src/run/announce.ts';
import type { Saved } from '../../src/run/saved.ts';
import type { RunDeps } from '../../src/run/session.ts';
import { endless, minute, onStage, type Stage, succeeds, targetOf } from './stage.ts';

const saving = suite('run: what a process leaves to the next');

const never = targetOf(() => {
  throw new Error('nothing may be deployed');
});

/** A first process that dies just before it tells its end: everything up to there is as it leaves it. */
async function killedBeforeItsEnd(stage: Stage): Promise<Saved> {
  const left: Saved[] = [];
  const store = (saved: Saved): Promise<void> => {
    left.push(saved);
    return saved.ending ? Promise.reject(new Error('killed')) : Promise.resolve();
  };
  const target = targetOf(async (job) => {
    await job.before({ step: 'deploying' });
    job.result('release', 'R7');
    job.serves('https://shop.example');
    return { outcome: 'success', description: 'out' };
  });
  const ended = await stage.go({}, { target, store });
  assert.is(ended.state, 'in_progress');
  return left.at(-1) as Saved;
}

saving('writes its end down before anybody is told', () =>
  onStage(async (stage) => {
    const told: (readonly string[])[] = [];
    const store = async ({ ending }: Saved): Promise<void> => {
      const id = stage.github.deployments[0]?.id ?? 0;
      if (ending) told.push(stage.states(id));
    };
    await stage.go({}, { store });
    assert.equal(told, [['queued', 'in_progress']]);
  }),
);

saving('tells nobody when the run is another process’s by then', () =>
  onStage(async (stage) => {
    await killedBeforeItsEnd(stage);
    assert.equal(stage.states(stage.github.deployments[0]?.id ?? 0), ['queued', 'in_progress']);
  }),
);

saving('tells the end that was written down, once, and deploys nothing', () =>
  onStage(async (stage) => {
    const saved = await killedBeforeItsEnd(stage);
    const deps: Partial<RunDeps> = { saved, target: never };
    const next = await stage.go({}, deps);
    assert.is(next.outcome, 'success');
    assert.is(next.results.get('release'), 'R7');
    assert.is(next.environmentUrl, 'https://shop.example');
    const third = await stage.go({}, deps);
    assert.is(third.outcome, 'success');
    assert.is(third.exit, 0);
    assert.is(stage.github.deployments.length, 1);
    const { id } = stage.github.deployments[0] ?? { id: 0 };
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

saving('ends as an error where the server ends and nobody can go on', () =>
  onStage(async (stage) => {
    const running = stage.start({}, { target: endless });
    for (
      let tries = 0;
      stage.github.deployments[0]?.statuses.length !== 2 && tries < 400;
      tries += 1
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stage.stop({ kind: 'shutdown' });
    const ended = await stage.over(running);
    assert.is(ended.outcome, 'error');
    assert.match(ended.description, /server was stopped/);
    assert.is(stage.states(stage.github.deployments[0]?.id ?? 0).at(-1), 'error');
  }),
);

saving.run();

const announcing = suite('announce');

announcing('says queued on a deployment of its own, and the run does not say it again', () =>
  onStage(async (stage) => {
    const before = stage.github.deployments.length;
    const announced = announce(stage.order, stage.depsOf(stage.order));
    await stage.clock.advance(minute / 2);
    await announced;
    const { id } = stage.github.deployments.at(-1) ?? { id: 0 };
    assert.is(stage.github.deployments.length, before + 1);
    assert.equal(stage.states(id), ['queued']);
    assert.is((await stage.go({}, { target: succeeds })).exit, 0);
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

announcing.run();
