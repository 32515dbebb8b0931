/** dist/slipway.mjs deploys by Convox without any forge, is killed, and runs again: nothing is done twice. */
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeRack, startRack } from '../support/convox/fake-rack.ts';
import type { Manners } from '../support/convox/manners.ts';
import { makeTree } from '../support/convox/process.ts';
import { type Env, type Step, startStep } from './stage.ts';

const killed = suite('Convox: kill -9 of the whole process, without a forge');

type Scene = { readonly rack: FakeRack; start(settings?: Env, args?: readonly string[]): Step };

async function onRack(manners: Manners, play: (scene: Scene) => Promise<void>): Promise<void> {
  const rack = await startRack(manners);
  const tree = makeTree();
  const ci: Env = {
    ...{ DRONE: 'true', DRONE_SYSTEM_HOST: 'drone.example.com', DRONE_REPO: 'octo/shop' },
    ...{ DRONE_BUILD_EVENT: 'promote', DRONE_BUILD_NUMBER: '7', DRONE_COMMIT_SHA: 'c'.repeat(40) },
    ...{ DRONE_COMMIT_REF: 'refs/heads/main', DRONE_DEPLOY_TO: 'production' },
    ...{ PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_APP: 'app1', PLUGIN_CONVOX_RACK_URL: rack.rackUrl },
  };
  try {
    await play({
      rack,
      start: (settings = {}, args = []) => startStep({ ...ci, ...settings }, tree.folder, { args }),
    });
    assert.equal(rack.complaints, []);
  } finally {
    await rack.close();
    tree.remove();
  }
}

const rollout = ['updating', 'updating', 'updating', 'running'] as const;
for (const step of ['build', 'promote'] as const) {
  killed(`after its ${step}: the next process of this build goes on`, () =>
    onRack({ rollout }, async ({ rack, start }) => {
      const first = start();
      while (!rack.seen.includes(step)) await pause(5);
      first.kill('SIGKILL');
      await first.ended;
      const { code, log } = await start().ended;
      assert.is(code, 0, log);
      assert.match(log, /An earlier run of this build has started build BNEWAAAA/);
      assert.is(/already deployed by an earlier run of this build/.test(log), step === 'promote');
      assert.equal([rack.world.builds.length, rack.world.promotions.length], [1, 1]);
    }),
  );
}

for (const [settings, said] of [
  [{ PLUGIN_CONVOX_MANIFEST: 'other.yml' }, /CONVOX_MANIFEST names no file of the source tree/],
  [{ PLUGIN_CONVOX_APP: 'other' }, /CONVOX_APP names no app that .* has: other/],
] as const) {
  killed(`not at all at a fault of settings, as check says: ${said.source}`, () =>
    onRack({}, async ({ start }) => {
      for (const args of [[], ['check']]) {
        const { code, log } = await start(settings, args).ended;
        assert.equal([code, said.test(log)], [2, true], log);
      }
    }),
  );
}

killed.run();
