/** What Gitploy needs of whoever deploys for it, point by point: dist/slipway.mjs by a webhook, and a step on Drone. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drone, onStage as onStep, sha } from '../verbs/stage.ts';
import { type ForgeStage, head, old, runOf, until, withForge } from './forge-stage.ts';

const gitploy = suite('gitploy: the contract of a partner');
const anyEnd = ['SUCCESS', 'FAILURE', 'ERROR', 'REFUSED', 'CANCELED', 'TIMED_OUT'];

/** As Gitploy makes one. */
const deploymentOf = ({ github }: ForgeStage, changes: object = {}): number =>
  github.addDeployment({
    ref: 'main',
    environment: 'production',
    description: 'Gitploy starts to deploy.',
    ...changes,
  }).id;

/** Statuses as they were posted, oldest first. */
const posts = ({ github }: ForgeStage): readonly Record<string, unknown>[] =>
  github.requests
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/statuses'))
    .map(({ body }) => body as Record<string, unknown>);

gitploy('1: starts by the event, and deploys its sha with its task and payload', () =>
  withForge(async (stage) => {
    const inputs = { size: 'large', debug: true };
    const asObject = deploymentOf(stage, { ref: old, task: 'deploy:web', payload: inputs });
    await stage.until(runOf(await stage.announce(asObject)), 'SUCCESS');
    const asText = deploymentOf(stage, { ref: 'main', payload: JSON.stringify(inputs) });
    await stage.until(runOf(await stage.announce(asText)), 'SUCCESS');
    const [first, second] = stage.service.runs.map(({ order }) => order);
    assert.equal([first?.commit, first?.task, first?.payload], [old, 'deploy:web', inputs]);
    assert.equal([second?.commit, second?.payload], [head, inputs]);
    assert.is(first?.deployment_id, String(asObject));
  }),
);

gitploy('2: calls a rollback a rollback', () =>
  withForge(async (stage) => {
    const id = deploymentOf(stage, { ref: old, task: 'rollback:kubernetes' });
    await stage.until(runOf(await stage.announce(id)), 'SUCCESS');
    assert.is(stage.service.runs[0]?.order.task, 'rollback:kubernetes');
    assert.match(stage.github.statusesOf(id)[1]?.description ?? '', /^Rolling back production/);
    const said = deploymentOf(stage, { ref: old, payload: { is_rollback: true } });
    await stage.until(runOf(await stage.announce(said)), 'SUCCESS');
    assert.match(stage.github.statusesOf(said)[1]?.description ?? '', /^Rolling back production/);
  }),
);

gitploy('3: says queued and in_progress with a link to the run, once Gitploy knows of it', () =>
  withForge(
    async (stage) => {
      const at = Date.now();
      const id = deploymentOf(stage, { at });
      const run = runOf(await stage.announce(id));
      await stage.until(run, 'SUCCESS');
      assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
      const statuses = stage.github.statusesOf(id).toReversed();
      for (const { logUrl, description } of statuses) {
        assert.ok(logUrl.startsWith(`${stage.url}/runs/${run}`), logUrl);
        assert.ok(logUrl.length <= 255 && description.length > 0);
      }
      const posted = stage.github.requests.filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/statuses'),
      );
      const made = Math.floor(at / 1000) * 1000;
      assert.ok((posted[0]?.at ?? 0) - made >= 3000, `after ${(posted[0]?.at ?? 0) - made} ms`);
    },
    {},
    '',
  ),
);

gitploy('3: says queued of what waits behind another run', () =>
  withForge(
    async (stage) => {
      const first = runOf(await stage.announce(deploymentOf(stage)));
      await stage.until(first, 'IN_PROGRESS');
      const waits = deploymentOf(stage);
      await stage.announce(waits);
      await until(() => stage.states(waits).length > 0, stage.log);
      assert.equal(stage.states(waits), ['queued']);
    },
    { script: ['QUEUED', 'IN_PROGRESS'] },
  ),
);

gitploy('4: does not tell every step', () =>
  withForge(
    async (stage) => {
      const id = deploymentOf(stage);
      await stage.until(runOf(await stage.announce(id)), 'SUCCESS');
      assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
    },
    { script: ['QUEUED', ...Array.from({ length: 5 }, () => 'IN_PROGRESS'), 'SUCCESS'] },
  ),
);

for (const [end, status] of [
  ['FAILURE', 'FAILURE'],
  ['ERROR', 'FAILURE'],
  ['TIMED_OUT', 'FAILURE'],
] as const) {
  gitploy(`5: tells failure where the service says ${end}`, () =>
    withForge(
      async (stage) => {
        const id = deploymentOf(stage);
        const run = await stage.until(runOf(await stage.announce(id)), ...anyEnd);
        assert.is(run.status, status, String(run.progress));
        assert.equal(stage.states(id), ['queued', 'in_progress', 'failure']);
      },
      { script: ['QUEUED', end] },
    ),
  );
}

gitploy('5: tells failure, with the reason, of what was cancelled or took too long', () =>
  withForge(
    async (stage) => {
      const cancelled = deploymentOf(stage);
      const run = runOf(await stage.announce(cancelled));
      await until(() => stage.states(cancelled).includes('in_progress'), stage.log);
      await stage.ask('POST', `/v1/runs/${run}/cancel`, { reason: 'not today' });
      await stage.until(run, 'CANCELED');
      const late = deploymentOf(stage);
      await stage.until(runOf(await stage.announce(late)), 'TIMED_OUT');
      for (const [id, words] of [
        [cancelled, /not today/],
        [late, /Timed out/],
      ] as const) {
        assert.equal(stage.states(id), ['queued', 'in_progress', 'failure']);
        assert.match(stage.github.statusesOf(id)[0]?.description ?? '', words);
      }
    },
    { script: ['QUEUED', 'IN_PROGRESS'] },
    ', settle: "0", timeout: "6s"',
  ),
);

gitploy('6: leaves auto_inactive to GitHub, and says where the environment is', () =>
  withForge(
    async (stage) => {
      const id = deploymentOf(stage);
      await stage.until(runOf(await stage.announce(id)), 'SUCCESS');
      assert.ok(posts(stage).every((body) => !('auto_inactive' in body)));
      assert.is(posts(stage).at(-1)?.environment_url, 'https://hello.example/');
    },
    { extra: { environment_url: 'https://hello.example/' } },
  ),
);

gitploy('7: looks whether its last word has arrived before it says it again', () =>
  withForge(async (stage) => {
    const id = deploymentOf(stage);
    stage.github.fail({ method: 'POST', path: /\/statuses$/, nth: 3, do: 'reset-after' });
    await stage.until(runOf(await stage.announce(id)), 'SUCCESS');
    assert.equal(stage.states(id), ['queued', 'in_progress', 'success']);
  }),
);

gitploy('8: does not deploy what somebody has cancelled', () =>
  withForge(async (stage) => {
    const id = deploymentOf(stage);
    stage.github.addStatus(id, { state: 'inactive', description: 'cancelled by Gitploy' });
    const run = await stage.until(runOf(await stage.announce(id)), ...anyEnd);
    assert.is(run.status, 'REFUSED', String(run.progress));
    assert.is(stage.service.runs.length, 0);
    assert.equal(stage.states(id), ['inactive'], 'theirs is the last word');
  }),
);

gitploy('8: does not deploy what was cancelled while it waited', () =>
  withForge(
    async (stage) => {
      const first = runOf(await stage.announce(deploymentOf(stage)));
      await stage.until(first, 'IN_PROGRESS');
      const id = deploymentOf(stage);
      const waits = runOf(await stage.announce(id));
      await until(() => stage.states(id).includes('queued'), stage.log);
      stage.github.addStatus(id, { state: 'inactive', description: 'cancelled by Gitploy' });
      await stage.ask('POST', `/v1/runs/${first}/cancel`, {});
      const run = await stage.until(waits, ...anyEnd);
      assert.is(run.status, 'REFUSED', String(run.progress));
      assert.is(stage.service.runs.length, 1);
      assert.equal(stage.states(id), ['queued', 'inactive']);
    },
    { script: ['QUEUED', 'IN_PROGRESS'] },
  ),
);

gitploy('9: leaves the only success to Drone, which posts its own', () =>
  onStep(async ({ slipway, github, access }) => {
    const at = Date.now() - 60_000;
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at });
    const step = { ...drone, ...access, DRONE_DEPLOY_ID: String(id), PLUGIN_COMMAND: 'true' };
    const { out, exit } = await slipway({ ...step, PLUGIN_CHECKOUT: 'none' });
    assert.is(exit, 0, out);
    const states = github.statusesOf(id).map(({ state }) => state);
    assert.is(states[0], 'in_progress');
    assert.not(states.includes('success'));
    const { exit: failed } = await slipway({ ...step, PLUGIN_COMMAND: 'false' });
    assert.is(failed, 1);
    assert.is(github.statusesOf(id)[0]?.state, 'failure');
  }),
);

gitploy.run();
