/** dist/slipway.mjs runs a pipeline in Spinnaker, is killed, and runs again: nothing is started twice. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeGate, fakeGate } from '../support/gate/fake-gate.ts';
import { type Env, onStage, pause, type Stage } from './stage.ts';

const killed = suite('Spinnaker: kill -9 of the whole process');
const parameter = 'p4r4m3t3r-that-no-log-may-show';

const settingsFor = (gate: FakeGate, more: Env = {}): Env => ({
  ...{ command: undefined, target: 'spinnaker', spinnaker_gate_url: gate.url },
  ...{ spinnaker_application: 'hello', spinnaker_pipeline: 'Deploy to live' },
  ...{ spinnaker_token: gate.token, spinnaker_parameters: `tag=${parameter}` },
  ...{ log_level: 'trace', ...more },
});

async function onGate(lasts: number, play: (stage: Stage, gate: FakeGate) => Promise<void>) {
  const gate = await fakeGate({ course: { stages: [{ name: 'Deploy', lasts }] } });
  try {
    await onStage((stage) => play(stage, gate));
    assert.equal(gate.complaints, []);
  } finally {
    await gate.close();
  }
}

for (const [how, more] of [
  ['a forge remembers it', {}],
  ['nobody remembers it', { report: 'none' }],
] as const) {
  for (const [when, lasts] of [
    ['while its execution goes on', 4000],
    ['and its execution ends meanwhile', 500],
  ] as const) {
    killed(`${when}, and ${how}: the next process tells its end`, () =>
      onGate(lasts, async (stage, gate) => {
        const first = stage.start(settingsFor(gate, more));
        await first.says('Spinnaker runs execution');
        first.kill('SIGKILL');
        await first.ended;
        await pause(lasts < 1000 ? 1000 : 0);
        const second = await stage.run(settingsFor(gate, more));
        assert.is(second.code, 0, second.log);
        assert.match(second.log, /[Aa]n earlier run of this (?:deploy|build)/);
        assert.is(gate.world.executions.length, 1, second.log);
        const said = `${first.log()}${second.log}${JSON.stringify(stage.github.requests)}`;
        for (const secret of [gate.token, parameter]) assert.not.match(said, secret);
      }),
    );
  }
}

killed('before it asked Gate: the next process asks', () =>
  onGate(1000, async (stage, gate) => {
    gate.fail('start', 'hang');
    const first = stage.start(settingsFor(gate));
    while (!gate.exchanges.includes('start')) await pause(5);
    first.kill('SIGKILL');
    await first.ended;
    const second = await stage.run(settingsFor(gate));
    assert.is(second.code, 0, second.log);
    assert.match(second.log, /There is none: starting one/);
    assert.is(gate.world.executions.length, 1);
  }),
);

killed('by SIGTERM it cancels the execution, and says so', () =>
  onGate(1e9, async (stage, gate) => {
    const step = stage.start(settingsFor(gate));
    await step.says('Spinnaker runs execution');
    step.kill('SIGTERM');
    const { code, log } = await step.ended;
    assert.is(code, 143, log);
    assert.match(log, /Pipeline Deploy to live was cancelled in Spinnaker by ci@example\.com/);
    assert.match(gate.world.executions[0]?.reason ?? '', /^Slipway: the run was ended by SIGTERM/);
    assert.is(stage.states(stage.deployments()[0]?.id ?? 0).at(-1), 'failure');
  }),
);

killed('is not needed: a credential that fails ends the step with 6, and nothing is started', () =>
  onGate(1000, async (stage, gate) => {
    const wrong = { spinnaker_token: 'spk_a-token-that-is-wrong' };
    const { code, log } = await stage.run(settingsFor(gate, wrong));
    assert.is(code, 6, log);
    assert.match(log, /spinnaker_token may be wrong, expired or revoked/);
    assert.not.match(log, 'a-token-that-is-wrong');
    assert.is(gate.world.executions.length, 0);
  }),
);

killed.run();
