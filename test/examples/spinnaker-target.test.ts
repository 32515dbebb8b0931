import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { head } from '../context/reading.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { encodeDrone } from '../support/encoders.ts';
import { fakeGate } from '../support/gate/fake-gate.ts';
import { type Env, play, runPlugin, token, yamlAt } from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: a pipeline in Spinnaker');

/** One build of the example against a Spinnaker and a GitHub of its own. */
async function deploy(fails: boolean) {
  const ends = fails ? 'TERMINAL' : 'SUCCEEDED';
  const stage = { name: 'Deploy', lasts: 1500, ends, ...(fails ? { error: 'no such image' } : {}) };
  const gate = await fakeGate({ course: { stages: [stage], ends } });
  const yaml = yamlAt('spinnaker-drone.yml', ['steps', 0, 'settings']);
  const settings = encodeDrone(yaml, { github_token: token, spinnaker_token: gate.token });
  try {
    const played = await play(fails, ({ github, folder }) =>
      runPlugin(folder, {
        ...drone.promoteInUi.env,
        ...(settings as Env),
        DRONE_REPO_LINK: 'https://github.com/octo/hello',
        PLUGIN_GITHUB_API_URL: github.url,
        PLUGIN_SPINNAKER_GATE_URL: gate.url,
      }),
    );
    assert.equal(gate.complaints, []);
    assert.not.match(played.log, gate.token);
    const started = gate.world.executions.map(({ trigger }) => trigger.parameters);
    return { ...played, started };
  } finally {
    await gate.close();
  }
}

examples('Drone: a promote starts the pipeline with the commit, and follows it', async () => {
  const good = await deploy(false);
  assert.equal([good.code, good.started], [0, [{ tag: head }]], good.log);
  assert.match(good.story, /slipway\/production=success$/);
  assert.match(good.log, 'Spinnaker: stage "Deploy" succeeded');
  const bad = await deploy(true);
  assert.is(bad.code, 1, bad.log);
  assert.match(bad.story, /slipway\/production=failure$/);
  assert.match(bad.log, 'stage "Deploy" of pipeline Deploy to live failed: no such image');
});

examples.run();
