/** dist/slipway.mjs deploys by Divio, is killed, and runs again: nothing is deployed twice. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeDivio, fakeDivio } from '../support/divio/fake-divio.ts';
import { type Env, onStage, pause, type Stage, sha } from './stage.ts';

const killed = suite('Divio: kill -9 of the whole process');
const key = 'k3y-of-the-variable-that-no-log-may-show';

/** A step that deploys by Divio, in a build whose time of creation CI does not tell. */
const settingsFor = (divio: FakeDivio): Env => ({
  ...{ command: undefined, target: 'divio', divio_application: 'hello', divio_environment: 'live' },
  ...{ divio_api_url: divio.url, divio_token: divio.token, divio_poll_interval: '1s' },
  ...{ divio_sensitive_env: `API_KEY=${key}`, log_level: 'trace' },
});
const unknownTime = { env: { DRONE_BUILD_CREATED: undefined } };

async function onDivio(lasts: number, play: (stage: Stage, divio: FakeDivio) => Promise<void>) {
  const divio = await fakeDivio({ course: { lasts } });
  divio.world.pull(sha);
  try {
    await onStage((stage) => play(stage, divio));
    assert.equal(divio.complaints, []);
  } finally {
    await divio.close();
  }
}

for (const [when, lasts, outcome] of [
  ['while its deployment goes on', 4000, 'adopts it'],
  ['and its deployment ends meanwhile', 500, 'tells its end'],
] as const) {
  killed(`${when}: the next process ${outcome}`, () =>
    onDivio(lasts, async (stage, divio) => {
      const first = stage.start(settingsFor(divio), unknownTime);
      await first.says('has begun deployment');
      first.kill('SIGKILL');
      await first.ended;
      await pause(lasts < 1000 ? 1000 : 0);
      const second = await stage.run(settingsFor(divio), unknownTime);
      assert.is(second.code, 0, second.log);
      assert.match(
        second.log,
        /An earlier run of this deploy was killed; deployment dep\w+ has begun/,
      );
      assert.is(divio.world.deployments.length, 1);
      const [deployment] = stage.deployments();
      const states = stage.states(deployment?.id ?? 0);
      assert.is(states.filter((state) => state === 'success').length, 1, states.join());
      assert.is(states.at(-1), 'success');
      for (const secret of [divio.token, key, 'a-password-of-divio']) {
        assert.not.match(
          `${first.log()}${second.log}${JSON.stringify(stage.github.requests)}`,
          secret,
        );
      }
    }),
  );
}

killed('before it asked Divio: the next process asks', () =>
  onDivio(1000, async (stage, divio) => {
    divio.fail('list', 'hang');
    const first = stage.start(settingsFor(divio), unknownTime);
    while (!divio.exchanges.includes('list')) await pause(5);
    first.kill('SIGKILL');
    await first.ended;
    const second = await stage.run(settingsFor(divio), unknownTime);
    assert.is(second.code, 0, second.log);
    assert.match(second.log, /was killed; Divio has begun no deployment since/);
    assert.is(divio.world.deployments.length, 1);
  }),
);

killed('by SIGTERM it says where the deployment goes on', () =>
  onDivio(1e9, async (stage, divio) => {
    const step = stage.start(settingsFor(divio));
    await step.says('has begun deployment');
    step.kill('SIGTERM');
    const { code, log, ms } = await step.ended;
    assert.is(code, 143, log);
    assert.ok(ms < 12_000);
    assert.match(
      log,
      /the deploy goes on at https:\/\/control\.divio\.com\/o\/org\w+\/app\/nxl\w+\//,
    );
    assert.is(stage.states(stage.deployments()[0]?.id ?? 0).at(-1), 'failure');
  }),
);

killed.run();
