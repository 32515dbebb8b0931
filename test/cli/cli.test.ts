import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { ciSystems } from '../../src/context/index.ts';
import { exits } from '../../src/outcome.ts';
import { onStage } from '../verbs/stage.ts';

const asking = suite('command line');

asking('prints a short help for somebody who sets nothing', () =>
  onStage(async ({ slipway }) => {
    const { out, exit } = await slipway({});
    assert.is(exit, 2);
    assert.match(out, /Nothing is set/);
    assert.ok(out.split('\n').length < 25);
  }),
);

asking('prints its version', () =>
  onStage(async ({ slipway }) => {
    for (const word of ['version', '--version']) {
      const { out, exit } = await slipway({}, word);
      assert.match(out, /^\d+\.\d+\.\d+\n$/);
      assert.is(exit, 0);
    }
  }),
);

asking('explains every topic', () =>
  onStage(async ({ slipway }) => {
    for (const topic of ['settings', 'targets', 'reporters', 'exit-codes', 'examples']) {
      const { out, exit } = await slipway({}, 'help', topic);
      assert.is(exit, 0);
      assert.ok(out.length > 100, topic);
    }
    const codes = (await slipway({}, 'help', 'exit-codes')).out;
    for (const { code } of Object.values(exits))
      assert.match(codes, new RegExp(`^ *${code} `, 'm'));
  }),
);

asking('names every variable of a CI system in its docker line', () =>
  onStage(async ({ slipway }) => {
    for (const { id, variables } of ciSystems.filter((system) => system.id !== 'none')) {
      const { out } = await slipway({}, 'help', 'docker-flags', id);
      for (const name of variables) assert.match(out, new RegExp(`-e ${name}\\b`), id);
    }
    assert.match((await slipway({}, 'help', 'docker-flags')).out, /Name a CI system/);
  }),
);

for (const [argv, message] of [
  [['deply'], /deply is not a verb; did you mean deploy\?/],
  [['--comand', 'x'], /--comand is not a flag; did you mean --command\?/],
  [['--github-token', 'x'], /--github-token is a secret and has no flag.*PLUGIN_GITHUB_TOKEN/],
  [['help', 'nonsense'], /nonsense is not a topic/],
  [['deploy', '--timeout'], /Not enough arguments following: timeout/],
] as const) {
  asking(`refuses ${argv.join(' ')}`, () =>
    onStage(async ({ slipway }) => {
      const { out, exit } = await slipway({}, ...argv);
      assert.is(exit, 2, out);
      assert.match(out, message);
    }),
  );
}

asking('takes a bare flag of a bool as true, and flags before variables', () =>
  onStage(async ({ slipway }) => {
    const env = { PLUGIN_COMMAND: 'echo deployed', PLUGIN_ENVIRONMENT: 'a' };
    const { out, exit } = await slipway(env, 'deploy', '--dry-run', '--environment=b');
    assert.is(exit, 0, out);
    assert.match(out, / to b with command/);
    assert.not.match(out, /^deployed$/m);
  }),
);

asking('prints an orca-local.yml', () =>
  onStage(async ({ slipway }) => {
    const { out } = await slipway({}, 'orca', '--spinnaker', '2026.1');
    assert.ok(parse(out).webhook.preconfigured.length > 0);
    assert.match(out, /sensitiveHeaders/);
  }),
);

asking('prints a completion script', () =>
  onStage(async ({ slipway }) => {
    assert.match((await slipway({}, 'completion')).out, /complete -F _slipway slipway/);
  }),
);

asking.run();
