import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { topicNames } from '../../src/cli/topics.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { ciSystems } from '../../src/context/index.ts';
import { exits } from '../../src/outcome.ts';
import { everySetting } from '../../src/verbs/owners.ts';
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
    const audiences = (await slipway({}, 'help', 'reporters')).out;
    assert.match(audiences, /^gitlab\n.*\n {2}Credential: gitlab_token\.$/m);
    const codes = (await slipway({}, 'help', 'exit-codes')).out;
    for (const { code } of Object.values(exits))
      assert.match(codes, new RegExp(`^ *${code} `, 'm'));
  }),
);

asking('explains itself in a screen', () =>
  onStage(async ({ slipway }) => {
    for (const argv of [['help'], ['--help'], ['-h'], ['help', 'help']]) {
      const { out, exit } = await slipway({}, ...argv);
      assert.is(exit, 0);
      assert.ok(out.split('\n').length < 45, out);
      for (const word of ['check', 'PLUGIN_COMMAND', 'docker-flags']) assert.match(out, word);
      // The image has none.
      assert.not.match(out, /README/);
    }
  }),
);

asking('shows how to deploy by a service, and what each target needs', () =>
  onStage(async ({ slipway }) => {
    const said = async (...words: string[]) => (await slipway({}, 'help', ...words)).out;
    for (const id of ['divio', 'convox']) {
      assert.match(await said(), new RegExp(`PLUGIN_TARGET=${id} `));
      assert.match(await said('examples'), new RegExp(`^ +target: ${id}$`, 'm'));
      assert.match(await said('targets'), `slipway help settings ${id}`);
    }
    assert.match(await said('targets'), /^divio\n.*\n {2}Needs divio_token, divio_application\./m);
    assert.match(await said('targets'), /slipway check says what a deploy would do/);
  }),
);

asking('explains each verb by what it needs, how it ends, and an example', () =>
  onStage(async ({ slipway }) => {
    const explain = async (verb: string): Promise<string> => {
      const { out, exit } = await slipway({}, 'help', verb);
      assert.is(exit, 0, verb);
      assert.is((await slipway({}, verb, '--help')).out, out);
      assert.ok(out.split('\n').length < 75, out);
      return out;
    };
    for (const [verb, needs, codes] of [
      ['deploy', ['PLUGIN_COMMAND', 'PLUGIN_WEBHOOK_URL', 'PLUGIN_DRY_RUN'], [0, 1, 4, 143]],
      ['status', ['PLUGIN_GITHUB_TOKEN', 'PLUGIN_STATE', 'PLUGIN_COMMIT'], [0, 2, 3, 6]],
      ['check', ['PLUGIN_GITHUB_TOKEN', 'PLUGIN_COMMAND'], [0, 2, 6]],
      ['reap', ['PLUGIN_GITHUB_TOKEN', 'PLUGIN_REPO', 'PLUGIN_ENVIRONMENT'], [0, 1, 2, 6]],
    ] as const) {
      const text = await explain(verb);
      for (const name of needs) assert.match(text, new RegExp(`^  ${name} `, 'm'), text);
      for (const code of codes) assert.match(text, new RegExp(`^  ${code} `, 'm'), text);
      assert.match(text, /slipway help settings/);
      assert.match(text, verb === 'deploy' ? /docker run .* slipway$/ms : `slipway ${verb}\n`);
    }
    assert.not.match(await explain('reap'), /PLUGIN_COMMAND|^ {2}143/m);
    const orca = await explain('orca');
    assert.match(orca, /--spinnaker[\s\S]*SLIPWAY_PUBLIC_URL, --public-url/);
    assert.not.match(orca, /SLIPWAY_(?:LISTEN|DATA_DIR|DRAIN)/);
    const serve = await explain('serve');
    assert.match(serve, /--check-config[\s\S]*SLIPWAY_LISTEN, --listen/);
    const backup = await explain('backup');
    for (const text of [orca, serve, backup]) assert.match(text, /^Exits with:\n {2}0 .*\n {2}2 /m);
    assert.match(backup, /SLIPWAY_DATA_DIR, --data-dir/);
    assert.not.match(backup, /SLIPWAY_LISTEN/);
    assert.match(await explain('completion'), /eval/);
  }),
);

asking('takes every word of help from the tables, and no backtick', () =>
  onStage(async ({ slipway }) => {
    const shown = (await slipway({}, 'help', 'reap')).out.replace(/\s+/g, ' ');
    assert.match(shown, /such as PLUGIN_GITLAB_TOKEN/);
    for (const key of ['githubToken', 'repo', 'environment', 'component', 'dryRun']) {
      const about = (everySetting[key]?.about ?? key).replaceAll('`', '');
      assert.ok(shown.includes(about), about);
    }
    const topics = [...topicNames, ...Object.keys(verbs), 'general', 'github', 'timeout', ''];
    for (const topic of topics) {
      assert.not.match((await slipway({}, 'help', topic)).out, /`/, topic);
    }
  }),
);

asking('mounts the same folder in every example', () =>
  onStage(async ({ slipway }) => {
    const { out } = await slipway({}, 'help', 'examples');
    for (const [mount] of out.matchAll(/-v \S+ -w \S+/g)) {
      assert.is(mount, '-v "$PWD:/work" -w /work');
    }
    assert.not.match((await slipway({})).out, /target:/);
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

const wrong: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
  [['deply'], /deply is not a verb; did you mean deploy\?/],
  [['Deploy'], /Deploy is not a verb; did you mean deploy\?/],
  [
    ['nonsense'],
    /^The command line is not usable:\n {2}- nonsense is not a verb\n\nVerbs: deploy, /,
  ],
  [['--comand', 'x'], /--comand is not a flag; did you mean --command\?/],
  [['-v'], / -v is not a flag: .*two dashes[\s\S]*slipway help/],
  [['--v'], / --v is not a flag/],
  [['--github-token', 'x'], /--github-token is a secret and has no flag.*PLUGIN_GITHUB_TOKEN/],
  [['help', 'nonsense'], /nonsense is not a topic\nTopics: settings, .*\nVerbs: deploy, /],
  [['help', 'exmaples'], /exmaples is not a topic; did you mean examples\?/],
  [['help', 'settings', 'githb_token'], /githb_token .* did you mean github_token\?/],
  [['help', 'docker-flags', 'gitlb'], /gitlb .* did you mean gitlab\?/],
  [['help', 'targets', 'x'], /x is not known here: slipway help targets takes no more words/],
  [['help', 'reap', 'x'], /x is not known here/],
  [['help', 'settings', 'timeout', 'x'], /x is not known here: slipway help settings timeout/],
  [['help', '--foo'], /--foo is not a flag/],
  [['deploy', '--timeout'], /--timeout needs a value/],
  [['deploy', '--spinnaker', '1'], /--spinnaker is a flag of orca/],
  [
    ['deploy', 'production'],
    / production is not known here; did you mean --environment production\?/,
  ],
  [['reap', 'production', '--dry-run'], /did you mean --environment production\?/],
  [['reap', '--dry-run', 'production'], /did you mean --environment production\?/],
  [
    ['check', 'staging', 'now'],
    /staging is .*--environment staging\?\n {2}- now is not known here\n/,
  ],
  [['status', '--environment', 'a', 'b'], /b is not known here\n/],
  [['check', 'dry-run'], /dry-run is not known here; did you mean --dry-run\?/],
  [['check', 'deploy'], /deploy is not known here: it is a verb, and there is one already/],
  [['version', '--foo'], /--foo is not a flag/],
  [['--version', '--foo'], /--foo is not a flag/],
  [['version', 'x'], /x is not known here/],
  [['completion', 'fish'], /fish is not known here: the script is for bash and zsh/],
  [['orca', 'x'], /x is not known here/],
  [['orca', '--command', 'x'], /--command is no flag of orca/],
  [['orca', '--spinnaker', 'x'], /--spinnaker must be a release/],
];
for (const [argv, message] of wrong) {
  asking(`refuses ${argv.join(' ')}, on stderr alone`, () =>
    onStage(async ({ slipway }) => {
      const { out, err, exit } = await slipway({ PLUGIN_COMMAND: 'echo ran' }, ...argv);
      assert.is(exit, 2, err);
      assert.match(err, message);
      assert.is(out, '');
    }),
  );
}

asking('tells the faults of a run on stdout, where its log is', () =>
  onStage(async ({ slipway }) => {
    const { out, err, exit } = await slipway({ PLUGIN_TIMEOUT: 'soon' }, 'deploy');
    assert.is(exit, 2);
    assert.match(out, /PLUGIN_TIMEOUT must be/);
    assert.is(err, '');
  }),
);

asking('takes no verb for the value of a bare flag', () =>
  onStage(async ({ slipway }) => {
    const { out, exit } = await slipway({ PLUGIN_COMMAND: 'echo ran' }, '--dry-run', 'check');
    assert.is(exit, 0, out);
    assert.match(out, /^credentials:$/m);
    const no = await slipway({ PLUGIN_COMMAND: 'echo ran' }, 'deploy', '--dry-run', 'false');
    assert.match(no.out, /^ran$/m);
  }),
);

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
    for (const argv of [['completion'], ['completion', 'zsh']]) {
      assert.match((await slipway({}, ...argv)).out, /complete -F _slipway slipway/);
    }
  }),
);

asking.run();
