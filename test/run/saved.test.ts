import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { announce } from '../../src/run/announce.ts';
import type { Saved } from '../../src/run/saved.ts';
import type { RunDeps } from '../../src/run/session.ts';
import { canned } from '../support/github/fake-github.ts';
import { rejectionOf } from '../support/rejection.ts';
import { endless, onStage, type Stage, succeeds, targetOf } from './stage.ts';

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

saving('keeps no secret that a service says again, and ids as they were', () =>
  onStage(async (stage) => {
    const kept: Saved[] = [];
    const words = { description: 'with hunter2', results: { release: 'R7 of hunter2' } };
    const target = targetOf(async (job) => {
      await job.after({ step: 'ended', key: 'id-hunter2', ...words });
      job.result('release', words.results.release);
      return { outcome: 'success', description: words.description };
    });
    const redact = (text: string): string => text.replaceAll('hunter2', '***');
    const store = async (saved: Saved): Promise<void> => void kept.push(saved);
    const { results } = await stage.go({}, { target, store, redact });
    assert.equal([...results], [['release', 'R7 of ***']]);
    const masked = { description: 'with ***', results: { release: 'R7 of ***' } };
    assert.equal(kept[0], { checkpoint: { step: 'ended', key: 'id-hunter2', ...masked } });
    assert.equal(kept[1]?.ending?.results, masked.results);
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

const request = { kind: 'request', reason: 'wrong commit (ci)' } as const;

saving('has the target stop what was begun, though it is told to stop on its way there', () =>
  onStage(async (stage) => {
    const seen: unknown[] = [];
    const target = targetOf(async (job) => {
      seen.push(job.checkpoint, job.signal.reason);
      return { outcome: 'cancelled', description: 'told', goesOn: 'https://ci.example/7' };
    });
    const running = stage.start({}, { target, saved: { checkpoint: { step: 'started' } } });
    stage.stop(request);
    const ended = await stage.over(running);
    assert.equal(seen, [{ step: 'started' }, request]);
    assert.is(ended.outcome, 'cancelled');
    assert.match(ended.description, /wrong commit .*goes on at https:\/\/ci\.example\/7/);
  }),
);

saving('says that it does not know, where the target could not be asked any more', () =>
  onStage(async (stage) => {
    const target = targetOf(async (job) => {
      await job.before({ step: 'starting' });
      return { outcome: 'success', description: '' };
    });
    const running = stage.start({}, { target, saved: { checkpoint: { step: 'starting' } } });
    stage.stop(request);
    const ended = await stage.over(running);
    assert.is(ended.outcome, 'cancelled');
    assert.match(ended.description, /wrong commit .*not known/);
  }),
);

saving('asks no target to stop what nobody had begun', () =>
  onStage(async (stage) => {
    const running = stage.start({}, { target: never });
    stage.stop(request);
    const ended = await stage.over(running);
    assert.is(ended.outcome, 'cancelled');
    assert.not.match(ended.description, /not known/);
  }),
);

saving.run();

const announcing = suite('announce');

announcing('says queued on a deployment of its own, and the run does not say it again', () =>
  onStage(async (stage) => {
    const before = stage.github.deployments.length;
    await stage.over(announce(stage.order, stage.depsOf(stage.order)));
    const { id } = stage.github.deployments.at(-1) ?? { id: 0 };
    assert.is(stage.github.deployments.length, before + 1);
    assert.equal(stage.states(id), ['queued']);
    assert.is((await stage.go({}, { target: succeeds })).exit, 0);
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

announcing('fails where somebody did not hear it, so that it is said again', () =>
  onStage(async (stage) => {
    stage.github.fail({ method: 'POST', path: /statuses$/, do: canned.badCredentials });
    const announced = rejectionOf<RemoteError>(announce(stage.order, stage.depsOf(stage.order)));
    assert.is((await stage.over(announced)).kind, 'credentials');
  }),
);

announcing.run();
