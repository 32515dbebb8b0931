import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import { readLink, readPayload } from '../../src/identity.ts';
import { canned } from '../support/github/fake-github.ts';
import { endless, link, minute, older, onStage, sha, succeeds, targetOf } from './stage.ts';

const telling = suite('run: what is told');

telling('goes queued, in_progress, success on one created deployment', () =>
  onStage(async ({ github, states, order, go }) => {
    const ended = await go();
    assert.is(ended.outcome, 'success');
    assert.is(ended.exit, 0);
    const [deployment] = github.deployments;
    assert.is(github.deployments.length, 1);
    assert.equal(states(deployment?.id ?? 0), ['queued', 'in_progress', 'success']);
    for (const { logUrl } of github.statusesOf(deployment?.id ?? 0)) {
      assert.is(readLink(logUrl)?.key, order.runKey);
      assert.ok(logUrl?.startsWith(link));
    }
  }),
);

telling('repeats the environment link on every status but failures', () =>
  onStage(async ({ github, go }) => {
    const environmentUrl = 'https://shop.example';
    const fails = targetOf(async () => ({ outcome: 'failure', description: 'exited with code 3' }));
    await go({ environmentUrl }, { target: fails });
    const [{ id } = { id: 0 }] = github.deployments;
    const links = github.statusesOf(id).map(({ environmentUrl: shown }) => shown || '');
    assert.equal(links.toReversed(), [environmentUrl, environmentUrl, '']);
  }),
);

telling('shows where the target says that it serves, unless the author wrote it', () =>
  onStage(async ({ go }) => {
    const target = targetOf(async (job) => {
      job.serves('https://found.example');
      return { outcome: 'success', description: '' };
    });
    assert.is((await go({}, { target })).environmentUrl, 'https://found.example');
    const written = await go(
      { environmentUrl: 'https://written.example', runKey: 'f'.repeat(20) },
      { target },
    );
    assert.is(written.environmentUrl, 'https://written.example');
  }),
);

telling('takes secrets out of what it tells', () =>
  onStage(async ({ github, go }) => {
    const target = targetOf(async () => ({
      outcome: 'failure',
      description: 'login with s3cret failed',
    }));
    const ended = await go({}, { target });
    const [{ id } = { id: 0 }] = github.deployments;
    assert.is(github.statusesOf(id)[0]?.description, 'login with *** failed');
    assert.is(ended.description, 'login with *** failed');
  }),
);

telling('passes progress on at most once a minute', () =>
  onStage(async ({ start, github, clock, log }) => {
    const target = targetOf(async (job) => {
      for (let step = 1; step <= 5; step += 1) {
        job.progress(`step ${step} of 5`);
        await clock.pause(25_000);
      }
      return { outcome: 'success', description: '' };
    });
    const running = start({}, { target });
    await until(() => clock.waiting(25_000) > 0);
    await clock.advance(3 * minute);
    await running;
    const [{ id } = { id: 0 }] = github.deployments;
    const told = github.statusesOf(id).map(({ description }) => description);
    assert.equal(
      told.filter((text) => text?.startsWith('step')),
      ['step 4 of 5'],
    );
    assert.is(log.at('info').filter((line) => /^step \d of 5/.test(line)).length, 5);
  }),
);

telling('leaves the terminal success of an adopted deployment to a CI server that posts it', () =>
  onStage(async ({ github, states, go }) => {
    const { id } = github.addDeployment({
      ref: sha,
      environment: 'production',
      at: Date.parse('2026-11-21T09:58:00Z'),
    });
    const ended = await go({
      deploymentId: String(id),
      startedBy: 'forge',
      ciPostsTerminal: true,
    });
    assert.is(ended.exit, 0);
    assert.equal(states(id), ['queued', 'in_progress', 'in_progress']);
    assert.match(github.statusesOf(id)[0]?.description ?? '', /; the CI server ends this/);
  }),
);

telling.run();

// ---

const ending = suite('run: outcomes and exits');

const verdicts = [
  ['failure', 1, 'failure'],
  ['error', 1, 'error'],
  ['cancelled', 130, 'failure'],
  ['timed_out', 4, 'failure'],
] as const;
for (const [outcome, exit, state] of verdicts) {
  ending(`tells a target's ${outcome} as ${state} and exits ${exit}`, () =>
    onStage(async ({ github, states, go }) => {
      const ended = await go(
        {},
        { target: targetOf(async () => ({ outcome, description: 'why' })) },
      );
      assert.is(ended.outcome, outcome);
      assert.is(ended.exit, exit);
      assert.is(states(github.deployments[0]?.id ?? 0).at(-1), state);
    }),
  );
}

for (const [name, exit] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 130],
] as const) {
  ending(`is cancelled by ${name} and exits ${exit}`, () =>
    onStage(async ({ start, stop, over, github, states }) => {
      const running = start({}, { target: endless });
      await until(() => github.deployments[0]?.statuses.length === 2);
      stop({ kind: 'signal', name });
      const ended = await over(running);
      assert.is(ended.outcome, 'cancelled');
      assert.is(ended.exit, exit);
      assert.equal(states(github.deployments[0]?.id ?? 0), ['queued', 'in_progress', 'failure']);
    }),
  );
}

ending('times out when the deadline passes', () =>
  onStage(async ({ start, clock, github, states }) => {
    const running = start({}, { target: endless });
    await until(() => github.deployments[0]?.statuses.length === 2);
    await clock.advance(51 * minute);
    const ended = await running;
    assert.is(ended.exit, 4);
    assert.match(ended.description, /Timed out after 50m/);
    assert.is(states(github.deployments[0]?.id ?? 0).at(-1), 'failure');
  }),
);

ending('adds what a stopped target says as a sentence of its own', () =>
  onStage(async ({ start, stop }) => {
    let isDeploying = false;
    const said = 'nothing was deployed: the run was ended while it waited';
    const target = targetOf(async ({ signal }) => {
      isDeploying = true;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { outcome: 'cancelled', description: said };
    });
    const running = start({}, { target });
    await until(() => isDeploying);
    stop({ kind: 'signal', name: 'SIGTERM' });
    const { description } = await running;
    assert.is(description, `Cancelled by SIGTERM. N${said.slice(1)}`);
  }),
);

ending('does not wait for a target that does not stop', () =>
  onStage(async ({ start, stop, clock }) => {
    let isDeploying = false;
    const target = targetOf(() => {
      isDeploying = true;
      return new Promise(() => {});
    });
    const running = start({}, { target });
    await until(() => isDeploying);
    stop({ kind: 'signal', name: 'SIGTERM' });
    await clock.advance(5000);
    const ended = await running;
    assert.is(ended.exit, 143);
    assert.match(ended.description, /not stop in time/);
    assert.ok(ended.endedAt - ended.startedAt <= 6000);
  }),
);

for (const [more, said] of [
  [{ goesOn: 'H', part: 'build B' }, /^Cancelled by SIGTERM; build B goes on at H$/],
  [{}, /^Cancelled by SIGTERM\. Nothing was built$/],
] as const) {
  ending(`tells what became of a stopped deploy: ${said.source}`, () =>
    onStage(async ({ start, stop, over }) => {
      let isDeploying = false;
      const verdict = { outcome: 'cancelled', description: 'nothing was built', ...more } as const;
      const target = targetOf(
        (job) =>
          new Promise((resolve) => {
            isDeploying = true;
            job.signal.addEventListener('abort', () => resolve(verdict));
          }),
      );
      const running = start({}, { target });
      await until(() => isDeploying);
      stop({ kind: 'signal', name: 'SIGTERM' });
      assert.match((await over(running)).description, said);
    }),
  );
}
ending('tells where a deploy goes on that cannot be stopped', () =>
  onStage(async ({ start, stop, over }) => {
    const goesOn = 'https://rack.example/42';
    let isDeploying = false;
    const target = targetOf(
      (job) =>
        new Promise((resolve) => {
          isDeploying = true;
          const over = () => resolve({ outcome: 'cancelled', description: '', goesOn });
          job.signal.addEventListener('abort', over);
        }),
    );
    const running = start({}, { target });
    await until(() => isDeploying);
    stop({ kind: 'signal', name: 'SIGTERM' });
    assert.match(
      (await over(running)).description,
      /the deploy goes on at https:\/\/rack\.example\/42/,
    );
  }),
);

ending('tells a success that was there before the stop reached it', () =>
  onStage(async ({ start, stop, over }) => {
    let isDeploying = false;
    const target = targetOf(
      (job) =>
        new Promise((resolve) => {
          isDeploying = true;
          const end = () => resolve({ outcome: 'success', description: 'serves' });
          job.signal.addEventListener('abort', end);
        }),
    );
    const running = start({}, { target });
    await until(() => isDeploying);
    stop({ kind: 'signal', name: 'SIGTERM' });
    assert.is((await over(running)).exit, 0);
  }),
);

ending('exits 3 when the deploy is good and its status is lost', () =>
  onStage(async ({ start, github, clock }) => {
    github.fail({
      method: 'POST',
      path: /statuses$/,
      nth: [3, 4, 5, 6, 7, 8, 9],
      do: canned.badCredentials,
    });
    const running = start();
    await until(() => github.requests.length > 4);
    await clock.advance(6 * minute);
    const ended = await running;
    assert.is(ended.outcome, 'success');
    assert.is(ended.exit, 3);
    assert.equal(ended.lost, ['github-deployment']);
  }),
);

ending('exits 6 and deploys nothing when the credentials do not work', () =>
  onStage(async ({ go }) => {
    let deployed = false;
    const target = targetOf(async () => {
      deployed = true;
      return { outcome: 'success', description: '' };
    });
    const ended = await go({}, { target }, { github_token: 'ghp_wrong' });
    assert.is(ended.exit, 6);
    assert.not.ok(deployed);
  }),
);

ending('deploys without a reporter that is not required', () =>
  onStage(async ({ go }) => {
    const ended = await go({}, { requireStatus: false }, { github_token: 'ghp_wrong' });
    assert.is(ended.exit, 0);
  }),
);

ending('exits 70 with a stack when the fault is ours', () =>
  onStage(async ({ log, github, states, go }) => {
    const target = targetOf(async () => {
      throw new TypeError('undefined is not a function');
    });
    const ended = await go({}, { target });
    assert.is(ended.exit, 70);
    assert.match(log.at('error').join('\n'), /TypeError[\s\S]*at /);
    assert.is(states(github.deployments[0]?.id ?? 0).at(-1), 'error');
  }),
);

ending('calls a remote that fails inside the deploy an error', () =>
  onStage(async ({ go }) => {
    const target = targetOf(async () => {
      throw new RemoteError('POST api.acme.dev failed: the connection was cut', {
        kind: 'unavailable',
        unknown: true,
      });
    });
    const ended = await go({}, { target });
    assert.is(ended.outcome, 'error');
    assert.is(ended.exit, 1);
  }),
);

ending('goes on without a forge that cannot be reached, and says so', () =>
  onStage(async ({ start, github, clock, log }) => {
    github.fail({ do: 'reset' });
    const running = start();
    for (let step = 0; step < 40; step += 1) await clock.advance(10_000);
    const ended = await running;
    assert.is(ended.outcome, 'success');
    assert.is(ended.exit, 3);
    assert.match(log.at('warn').join('\n'), /goes on without/);
  }),
);

ending.run();

// ---

const slot = suite('run: the others of its slot');

const key = (digit: string) => digit.repeat(20);

slot('leaves an open deployment without a marker alone, and warns', () =>
  onStage(async ({ github, states, log, go }) => {
    const { id } = github.addDeployment({ ref: older, environment: 'production' });
    github.addStatus(id, { state: 'in_progress' });
    assert.is((await go()).exit, 0);
    assert.equal(states(id), ['in_progress']);
    assert.match(log.at('warn').join('\n'), new RegExp(`deployment ${id} is open too`));
  }),
);

slot('goes on with what its killed predecessor left open', () =>
  onStage(async ({ leave, states, github, go }) => {
    const id = leave({}, 'queued', 'in_progress');
    let told: boolean | undefined;
    const target = targetOf(async (job) => {
      told = job.predecessor;
      return { outcome: 'success', description: '' };
    });
    assert.is((await go({}, { target })).exit, 0);
    assert.is(told, true);
    assert.is(github.deployments.length, 1);
    assert.equal(states(id), ['queued', 'in_progress', 'queued', 'in_progress', 'success']);
  }),
);

slot('creates a new one where its own has ended', () =>
  onStage(async ({ leave, states, github, go }) => {
    const id = leave({}, 'in_progress', 'failure');
    assert.is((await go()).exit, 0);
    assert.is(github.deployments.length, 2);
    assert.equal(states(id), ['in_progress', 'failure']);
  }),
);

for (const [what, states] of [
  ['succeeded', ['success']],
  ['is running', ['in_progress']],
] as const) {
  slot(`is superseded by a newer run that ${what}, before anything is changed`, () =>
    onStage(async ({ leave, order, github, go }) => {
      leave({ runKey: key('f'), seq: order.seq + 1000 }, ...states);
      const ended = await go();
      assert.is(ended.outcome, 'superseded');
      assert.is(ended.exit, 5);
      assert.is(github.deployments.length, 1);
    }),
  );
}

slot('counts the lower key as older at a tie', () =>
  onStage(async ({ leave, order, go }) => {
    leave({ runKey: key('f'), seq: order.seq }, 'success');
    assert.is((await go()).outcome, 'superseded');
    assert.is(
      (await go({ runKey: `${key('f').slice(0, 19)}f`, seq: order.seq + 1 })).outcome,
      'success',
    );
  }),
);

slot('does not mind a newer run with supersede off', () =>
  onStage(async ({ leave, order, go }) => {
    leave({ runKey: key('f'), seq: order.seq + 1000 }, 'success');
    assert.is((await go({}, { supersede: false })).outcome, 'success');
  }),
);

slot('tells an adopted deployment that it is superseded', () =>
  onStage(async ({ leave, order, github, states, clock, go }) => {
    const { id } = github.addDeployment({
      ref: sha,
      environment: 'production',
      at: clock.now() - minute,
    });
    leave({ runKey: key('f'), seq: order.seq + 1000 }, 'success');
    const ended = await go({ deploymentId: String(id) });
    assert.is(ended.outcome, 'superseded');
    assert.equal(states(id), ['failure']);
  }),
);

for (const [what, seq] of [
  ['an older', -1000],
  ['a newer', 1000],
] as const) {
  slot(`closes ${what} run's deployment whose time is over, with its own marker`, () =>
    onStage(async ({ leave, order, github, clock, go }) => {
      const theirs = { runKey: key('e'), seq: order.seq + seq, expiry: clock.now() - 1000 };
      const id = leave(theirs, 'in_progress');
      assert.is((await go()).exit, 0);
      const [last] = github.statusesOf(id);
      assert.is(last?.state, 'error');
      assert.is(last?.description, 'Outcome not known: its run ended without saying how');
      assert.is(readLink(last?.logUrl)?.key, theirs.runKey);
      assert.is(readLink(last?.logUrl)?.closure, true);
    }),
  );
}

slot('goes on beside an older run that may live, warns, and closes it after its own success', () =>
  onStage(async ({ leave, order, github, log, go }) => {
    const id = leave({ runKey: key('e'), seq: order.seq - 1000 }, 'in_progress');
    assert.is((await go()).exit, 0);
    assert.match(log.at('warn').join('\n'), /still open/);
    assert.is(github.statusesOf(id)[0]?.state, 'error');
    assert.is(readLink(github.statusesOf(id)[0]?.logUrl)?.closure, true);
  }),
);

slot('takes what was left to the CI server for deployed: nothing alive, nothing dead', () =>
  onStage(async ({ order, github, log, states, clock, go }) => {
    const theirs = { runKey: key('e'), seq: order.seq - 1000, expiry: order.seq };
    const at = clock.now() - minute;
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at });
    await go({ ...theirs, deploymentId: String(id), startedBy: 'forge', ciPostsTerminal: true });
    assert.equal(states(id).slice(-1), ['in_progress']);
    const second = await go({ runKey: key('f'), seq: order.seq + 1000 }, { whenBusy: 'refuse' });
    assert.is(second.exit, 0, second.description);
    assert.not.match(log.at('warn').join('\n'), /still open/);
    assert.is(github.statusesOf(id)[0]?.state, 'in_progress');
    const older = await go({ runKey: key('a'), seq: order.seq - 5000 });
    assert.is(older.outcome, 'superseded');
  }),
);

slot('does not believe a marker of a run from the day after tomorrow', () =>
  onStage(async ({ go, leave, clock }) => {
    leave({ runKey: key('f'), seq: clock.now() + 48 * 60 * minute }, 'success');
    assert.is((await go()).exit, 0);
  }),
);

slot('leaves an older run that may live alone after a failure of its own', () =>
  onStage(async ({ leave, order, states, go }) => {
    const id = leave({ runKey: key('e'), seq: order.seq - 1000 }, 'in_progress');
    const target = targetOf(async () => ({ outcome: 'failure', description: 'no' }));
    await go({}, { target });
    assert.equal(states(id), ['in_progress']);
  }),
);

slot('lets a closed owner overrule a closure', () =>
  onStage(async ({ start, leave, order, github, clock, states, go }) => {
    let finish: () => void = () => {};
    const target = targetOf(
      (job) =>
        new Promise((resolve) => {
          finish = () => resolve({ outcome: 'success', description: `${job.order.task} done` });
        }),
    );
    const living = start({}, { target });
    await until(() => github.deployments[0]?.statuses.length === 2);
    await clock.advance(1000);
    const newer = await go({ runKey: key('f'), seq: order.seq + 5000 });
    assert.is(newer.exit, 0);
    const [first] = github.deployments.toSorted((a, b) => a.id - b.id);
    assert.is(states(first?.id ?? 0).at(-1), 'error');
    finish();
    assert.is((await living).exit, 0);
    assert.is(states(first?.id ?? 0).at(-1), 'success');
    void leave;
  }),
);

slot('refuses beside an older run that may live, if so set', () =>
  onStage(async ({ leave, order, github, go }) => {
    leave({ runKey: key('e'), seq: order.seq - 1000 }, 'in_progress');
    const ended = await go({}, { whenBusy: 'refuse' });
    assert.is(ended.outcome, 'refused');
    assert.is(ended.exit, 5);
    assert.is(github.deployments.length, 1);
  }),
);

slot('waits for an older run, if so set', () =>
  onStage(async ({ start, leave, order, github, clock, states }) => {
    const id = leave({ runKey: key('e'), seq: order.seq - 1000 }, 'in_progress');
    const waiting = start({}, { whenBusy: 'wait' });
    await until(() => clock.waiting(15_000) > 1);
    await clock.advance(40_000);
    const mine = github.deployments.find((each) => each.id !== id);
    assert.equal(states(mine?.id ?? 0), ['queued']);
    github.addStatus(id, { state: 'success' });
    await clock.advance(20_000);
    assert.is((await waiting).exit, 0);
    assert.equal(states(mine?.id ?? 0), ['queued', 'in_progress', 'success']);
  }),
);

slot('does not see another component of the environment', () =>
  onStage(async ({ leave, order, states, go }) => {
    const id = leave(
      { runKey: key('f'), seq: order.seq + 1000, component: 'worker' },
      'in_progress',
    );
    assert.is((await go({ component: 'web' })).exit, 0);
    assert.equal(states(id), ['in_progress']);
  }),
);

slot.run();

// ---

const guards = suite('run: guards');

guards('refuses an adopted deployment of another environment or commit than written', () =>
  onStage(async ({ github, states, go }) => {
    const { id } = github.addDeployment({ ref: sha, environment: 'production' });
    const written = [{ environment: 'staging' }, { commit: older }];
    for (const each of written) {
      const ended = await go({ deploymentId: String(id), written: each, ...each });
      assert.is(ended.outcome, 'refused');
      assert.is(ended.exit, 5);
    }
    assert.equal(states(id), []);
  }),
);

guards('lets the task and payload of an adopted deployment win', () =>
  onStage(async ({ github, go }) => {
    const { id } = github.addDeployment({
      ref: sha,
      environment: 'production',
      task: 'rollback:web',
      payload: { colour: 'blue' },
    });
    const ended = await go({ deploymentId: String(id), payload: { colour: 'red' } });
    assert.is(ended.order.task, 'rollback:web');
    assert.equal(ended.order.payload, { colour: 'blue' });
  }),
);

guards('reopens what was closed before this build was created', () =>
  onStage(async ({ github, clock, states, go }) => {
    const { id } = github.addDeployment({
      ref: sha,
      environment: 'production',
      at: clock.now() - 10 * minute,
    });
    github.addStatus(id, { state: 'failure', at: clock.now() - 5 * minute });
    assert.is((await go({ deploymentId: String(id) })).exit, 0);
    assert.is(states(id).at(-1), 'success');
  }),
);

guards('refuses what somebody closed since this build was created', () =>
  onStage(async ({ github, clock, states, go }) => {
    const { id } = github.addDeployment({
      ref: sha,
      environment: 'production',
      at: clock.now() - 10 * minute,
    });
    github.addStatus(id, { state: 'failure', at: clock.now() - 10_000 });
    assert.is((await go({ deploymentId: String(id) })).exit, 5);
    assert.equal(states(id), ['failure']);
  }),
);

guards('refuses only inactive where nobody knows when the build was created', () =>
  onStage(async ({ order, github, clock, go }) => {
    const { buildCreatedAt: _, ...unknown } = order;
    void unknown;
    for (const [state, exit] of [
      ['failure', 0],
      ['inactive', 5],
    ] as const) {
      const { id } = github.addDeployment({
        ref: sha,
        environment: `e-${state}`,
        at: clock.now() - 10 * minute,
      });
      github.addStatus(id, { state, at: clock.now() - 10_000 });
      const ended = await go({
        deploymentId: String(id),
        environment: `e-${state}`,
        buildCreatedAt: undefined as never,
      });
      assert.is(ended.exit, exit);
    }
  }),
);

guards('stops when a person ends the deployment, and leaves their word', () =>
  onStage(async ({ start, github, clock, states }) => {
    const running = start({}, { target: endless });
    await until(() => github.deployments[0]?.statuses.length === 2);
    const [{ id } = { id: 0 }] = github.deployments;
    github.addStatus(id, { state: 'inactive' });
    await clock.advance(31_000);
    const ended = await running;
    assert.is(ended.outcome, 'cancelled');
    assert.is(ended.exit, 130);
    assert.equal(states(id), ['queued', 'in_progress', 'inactive']);
  }),
);

guards('tells every other audience that a person ended the deployment', () =>
  onStage(async ({ start, github, clock, states }) => {
    const both = { report: 'github-deployment,github-status' };
    const running = start({}, { target: endless }, both);
    await until(() => github.deployments[0]?.statuses.length === 2);
    await until(() => github.commitStatuses(sha).length === 2);
    const [{ id } = { id: 0 }] = github.deployments;
    github.addStatus(id, { state: 'inactive' });
    await clock.advance(31_000);
    assert.is((await running).exit, 130);
    assert.equal(states(id), ['queued', 'in_progress', 'inactive']);
    const [last] = github.commitStatuses(sha);
    assert.is(last?.state, 'error');
    assert.match(last?.description ?? '', /^Somebody ended deployment/);
  }),
);

guards('goes by the clock of the forge, whatever ours says', () =>
  onStage(async ({ go, leave, github, clock, order, states }) => {
    // Both runs have a clock that is two hours ahead of GitHub's.
    github.clockSkewMs = -120 * minute;
    const expiry = clock.now() - 110 * minute;
    const living = leave(
      { runKey: key('a'), seq: clock.now() - 150 * minute, expiry },
      'in_progress',
    );
    const ended = await go({}, { whenBusy: 'refuse' });
    assert.is(ended.outcome, 'refused', ended.description);
    assert.equal(states(living), ['in_progress']);
    assert.is((await go({ environment: 'qa', buildCreatedAt: undefined as never })).exit, 0);
    const qa = github.deployments.find(({ environment }) => environment === 'qa');
    const marker = readPayload(qa?.payload as Record<string, unknown>);
    for (const name of ['seq', 'expiry'] as const) {
      const shift = order[name] - (marker?.[name] ?? 0);
      assert.ok(Math.abs(shift - 120 * minute) < 2000, `${name} is ${shift} ms off`);
    }
  }),
);

guards('does not take the CI server for a person', () =>
  onStage(async ({ start, github, clock, states }) => {
    let finish: () => void = () => {};
    const target = targetOf(
      () =>
        new Promise((resolve) => {
          finish = () => resolve({ outcome: 'success', description: '' });
        }),
    );
    const running = start({}, { target });
    await until(() => github.deployments[0]?.statuses.length === 2);
    const [{ id } = { id: 0 }] = github.deployments;
    github.addStatus(id, { state: 'failure', log_url: 'https://drone.example/octo/shop/7' });
    await clock.advance(31_000);
    finish();
    assert.is((await running).exit, 0);
    assert.is(states(id).at(-1), 'success');
  }),
);

guards('refuses a step that changes the world once somebody cancelled', () =>
  onStage(async ({ github, clock, go }) => {
    let stepped = false;
    const target = targetOf(async (job) => {
      const [{ id } = { id: 0 }] = github.deployments;
      github.addStatus(id, { state: 'inactive' });
      await clock.advance(3000);
      await job.before({ step: 'promote' });
      stepped = true;
      return { outcome: 'success', description: '' };
    });
    const ended = await go({}, { target });
    assert.is(ended.exit, 130);
    assert.not.ok(stepped);
  }),
);

guards.run();

// ---

const echoes = suite('run: echoes');

echoes('waits for the original and exits alike, changing nothing', () =>
  onStage(async ({ start, leave, github, clock, states }) => {
    const id = leave({ runKey: key('a') }, 'in_progress');
    let deployed = false;
    const target = targetOf(async () => {
      deployed = true;
      return { outcome: 'success', description: '' };
    });
    const running = start({ deploymentId: String(id), startedBy: 'forge' }, { target });
    await until(() => clock.waiting(15_000) > 1);
    await clock.advance(16_000);
    github.addStatus(id, { state: 'success' });
    await clock.advance(16_000);
    const ended = await running;
    assert.is(ended.outcome, 'nothing_to_do');
    assert.is(ended.exit, 0);
    assert.not.ok(deployed);
    assert.equal(states(id), ['in_progress', 'success']);
  }),
);

echoes('fails when its original failed', () =>
  onStage(async ({ leave, go }) => {
    const id = leave({ runKey: key('a') }, 'in_progress', 'failure');
    const ended = await go({ deploymentId: String(id), startedBy: 'forge' });
    assert.is(ended.exit, 1);
  }),
);

echoes('is none where a caller gives the id', () =>
  onStage(async ({ leave, states, go }) => {
    const id = leave({ runKey: key('a'), seq: 1 });
    const ended = await go({ deploymentId: String(id), startedBy: 'caller' });
    assert.is(ended.outcome, 'success');
    assert.is(states(id).at(-1), 'success');
  }),
);

echoes('posts nothing on the original, whatever happens to itself', () =>
  onStage(async ({ start, over, leave, github, clock, states }) => {
    const id = leave({ runKey: key('a') }, 'in_progress');
    const running = start({ deploymentId: String(id), startedBy: 'forge' }, { timeoutMs: minute });
    await until(() => clock.waiting(15_000) > 1);
    github.fail({ do: canned.badCredentials });
    const ended = await over(running);
    assert.is.not(ended.exit, 0);
    assert.equal(states(id), ['in_progress']);
  }),
);

echoes.run();

async function until(happened: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (happened()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not happen');
}
void succeeds;
