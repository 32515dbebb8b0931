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

asking('explains itself in a screen, and all flags on demand', () =>
  onStage(async ({ slipway }) => {
    for (const argv of [['help'], ['--help'], ['-h']]) {
      const { out, exit } = await slipway({}, ...argv);
      assert.is(exit, 0);
      assert.ok(out.split('\n').length < 45, out);
      for (const word of ['check', 'PLUGIN_COMMAND', 'docker-flags', 'README']) {
        assert.match(out, word);
      }
    }
    for (const argv of [
      ['help', 'deploy'],
      ['deploy', '--help'],
    ]) {
      const { out, exit } = await slipway({}, ...argv);
      assert.is(exit, 0);
      assert.match(out, /--environment-url/);
      assert.not.match(out, /--github-token/);
    }
    assert.match((await slipway({}, 'help', 'orca')).out, /--spinnaker/);
  }),
);

asking('explains the settings of a part, and one by any of its names', () =>
  onStage(async ({ slipway }) => {
    const ask = async (name: string): Promise<string> => {
      const { out, exit } = await slipway({}, 'help', 'settings', name);
      assert.is(exit, 0, name);
      return out;
    };
    assert.match(await ask('github-deployment'), /REPORTER GITHUB-DEPLOYMENT[\s\S]*final_status/);
    assert.match(await ask('webhook'), /TARGET WEBHOOK[\s\S]*webhook_url/);
    for (const name of ['github_token', 'PLUGIN_GITHUB_TOKEN', 'api_token']) {
      const one = await ask(name);
      assert.match(
        one,
        /read from: PLUGIN_GITHUB_TOKEN, PLUGIN_TOKEN,\s+PLUGIN_API_TOKEN,\s+GITHUB_TOKEN/,
      );
      assert.ok(one.split('\n').length < 8);
    }
    assert.match(await ask('log-level'), /error \| warn/);
    assert.is((await slipway({}, 'help', 'webhook')).out, await ask('webhook'));
  }),
);

asking('says which environment a docker line deploys to', () =>
  onStage(async ({ slipway }) => {
    const flags = async (id: string): Promise<string> =>
      (await slipway({}, 'help', 'docker-flags', id)).out;
    for (const id of ['travis', 'circleci', 'jenkins', 'buildkite', 'github-actions', 'harness']) {
      assert.match(await flags(id), / -e PLUGIN_ENVIRONMENT=production /, id);
    }
    for (const id of ['drone', 'woodpecker', 'gitlab', 'bitbucket', 'azure']) {
      assert.match(
        await flags(id),
        /environment is that of \w+[\s\S]* -e PLUGIN_ENVIRONMENT -e/,
        id,
      );
    }
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
  [['help', 'nonsense'], /nonsense is not a topic\nTopics: settings, /],
  [['help', 'exmaples'], /exmaples is not a topic; did you mean examples\?/],
  [['help', 'settings', 'githb_token'], /githb_token .* did you mean github_token\?/],
  [['help', 'docker-flags', 'gitlb'], /gitlb .* did you mean gitlab\?/],
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
