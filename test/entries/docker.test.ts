import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { ciSystems } from '../../src/context/index.ts';
import { envName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { head } from '../context/reading.ts';
import { builds as azure } from '../context/recorded/azure.ts';
import { builds as buildkite } from '../context/recorded/buildkite.ts';
import { builds as circleci } from '../context/recorded/circleci.ts';
import { builds as jenkins } from '../context/recorded/jenkins.ts';
import {
  deployed,
  type Ended,
  type Env,
  page,
  play,
  runScript,
  type Scene,
  token,
} from '../examples/example.ts';
import { configured, sourced, wrapper } from './buildkite.ts';
import { expand, marks, type Parameter, readEntry, usageIn, valuesOf } from './expand.ts';
import { called, environmentOf } from './jenkins.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const entries = suite('entries: docker run');

type Settings = Readonly<Record<string, unknown>>;
type Started = { readonly script: string; readonly env: Env };
type Host = {
  /** As the entry's own words say how to use it. */
  readonly usage: Settings;
  /** Of what an author wrote, the script that the host runs and the variables that it adds to those of the build. */
  start(written: Settings, build: Env): Started;
  readonly push: Env;
  readonly pullRequest: Env;
};

const store = { PLUGIN_GITHUB_TOKEN: token };
const orb = parse(readEntry('circleci/orb.yml'));
const template = parse(readEntry('azure/slipway.yml'));
const plugin = parse(readEntry('buildkite/plugin.yml'));

const hosts: Readonly<Record<string, Host>> = {
  azure: {
    usage: parse(usageIn('azure/slipway.yml')).steps[1].parameters,
    start(written) {
      const declared: [string, Parameter][] = template.parameters.map(
        ({ name, ...rest }: Parameter & { readonly name: string }) => [name, rest],
      );
      const values = valuesOf(Object.fromEntries(declared), written);
      const [{ script, env }] = expand(template.steps, marks.azure, values) as [
        { readonly script: string; readonly env: Record<string, string> },
      ];
      // Macros are replaced when the step starts; one that names no variable stays.
      const macro = (value: string): string =>
        value.replace(/\$\(([\w.-]+)\)/g, (whole, name) =>
          name === 'githubToken' ? token : whole,
        );
      const filled = Object.entries(env).map(([name, value]) => [name, macro(value)]);
      return { script, env: Object.fromEntries(filled) };
    },
    push: azure.deploymentJob.env,
    pullRequest: azure.pullRequest.env,
  },
  buildkite: {
    usage: (parse(usageIn('buildkite/README.md')).steps[0].plugins[0] as Record<string, Settings>)[
      'OWNER/slipway#VERSION'
    ] as Settings,
    start(written) {
      const judge = new Ajv({ allowUnionTypes: true, strictTypes: false }).compile(
        plugin.configuration,
      );
      if (!judge(written)) throw new Error(JSON.stringify(judge.errors));
      return { script: wrapper, env: { ...store, ...configured('slipway', written) } };
    },
    push: buildkite.push.env,
    pullRequest: buildkite.pullRequest.env,
  },
  circleci: {
    usage: {
      ...orb.examples.deploy.usage.jobs.deploy.steps[1]['slipway/deploy'],
      image: 'slipway',
    },
    start(written) {
      const { parameters, steps } = orb.commands.deploy;
      const [{ run }] = expand(steps, marks.circleci, valuesOf(parameters, written)) as [
        { readonly run: { readonly command: string; readonly environment: Env } },
      ];
      return { script: run.command, env: { ...store, ...run.environment } };
    },
    push: circleci.push.env,
    pullRequest: circleci.fork.env,
  },
  jenkins: {
    usage: called(usageIn('jenkins/vars/slipway.groovy')).settings,
    start(written, build) {
      const { variables, script } = called('slipway(SETTINGS)', written);
      return { script, env: { ...store, ...environmentOf(variables, { ...build, ...store }) } };
    },
    push: jenkins.multibranch.env,
    pullRequest: jenkins.change.env,
  },
};

const everyName = Object.keys(everySetting).map((key) => envName(key));

for (const [id, { usage, start, push, pullRequest }] of Object.entries(hosts)) {
  const run =
    (written: Settings, build: Env, more: Env = {}) =>
    ({ github, folder }: Scene): Promise<Ended> => {
      const { script, env } = start(written, build);
      return runScript(script, folder, {
        ...{ ...build, ...env, ...more },
        SHIM_API_URL: github.url,
      });
    };

  entries(`${id} deploys a push as its usage says, and creates the deployment`, async () => {
    const good = await play(false, run(usage, push));
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'queued in_progress success');
    assert.is(good.last?.environmentUrl, page);
    const bad = await play(true, run(usage, push));
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  });

  entries(`${id} deploys no pull request`, async () => {
    const quiet = await play(false, run(usage, pullRequest));
    assert.equal([quiet.code, quiet.deployed, quiet.requests], [0, '', 0], quiet.log);
  });

  entries(
    `${id} hands a script of several lines on to the letter, and sets nothing else`,
    async () => {
      const command = './deploy.sh\necho "sha is $DEPLOY_SHA, $((1 + 1)) $HOME $(($$ > 0))"\n';
      const { image: _, ...settings } = usage;
      const only = [...Object.keys(settings), 'command', 'github_token', 'github_api_url'];
      const written = { ...usage, command, only: only.join(',') };
      const good = await play(false, run(written, push, { PLUGIN_DIVIO_TOKEN: '' }));
      assert.is(good.code, 0, good.log);
      assert.match(good.log, `sha is ${head}, 2 /root 1`);
      assert.not.match(good.log, /PLUGIN_(?!GITHUB_TOKEN\))/);
    },
  );

  entries(`${id} passes on its context and every setting, by name alone`, () => {
    const { script } = start(usage, push);
    const text = id === 'buildkite' ? readEntry('buildkite/hooks/command') : script;
    const flags = [...text.matchAll(/(?<=\s)-e (\S+)/g)].map(([, name = '']) => name);
    const context = ciSystems.find((system) => system.id === id)?.variables ?? [];
    assert.equal(flags, [...context, ...everyName]);
  });

  entries(`${id} refuses a setting that there is none of`, () => {
    assert.throws(() => start({ ...usage, comand: 'x' }, push), /comand|additional/);
  });
}

for (const id of ['buildkite', 'circleci', 'jenkins']) {
  entries(`${id} takes no secret as an input`, () => {
    assert.throws(
      () => hosts[id]?.start({ github_token: 'x' }, {}),
      /github_token|additionalProperties/,
    );
  });
}

for (const id of ['buildkite', 'jenkins']) {
  entries(`${id} takes a list, a truth and a number as YAML and Groovy write them`, async () => {
    const { usage = {}, start, push } = hosts[id] as Host;
    const words = ['command', 'environment', 'environment_url', 'github_token', 'github_api_url'];
    const ran = (only: readonly string[]) => {
      const written = { ...usage, only, summary: false, checkout_limit: 7 };
      const { script, env } = start(written, push);
      return play(false, ({ github, folder }) =>
        runScript(script, folder, { ...push, ...env, SHIM_API_URL: github.url }),
      );
    };
    const good = await ran([...words, 'summary', 'checkout_limit']);
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    const bad = await ran(words);
    assert.equal([bad.code, bad.deployed], [2, ''], bad.log);
    for (const name of ['SUMMARY', 'CHECKOUT_LIMIT'])
      assert.match(bad.log, `PLUGIN_${name} is not`);
  });
}

entries('buildkite finds its settings in a folder of another name', async () => {
  const { usage, push } = hosts.buildkite as Host;
  const env = {
    ...push,
    ...store,
    ...configured('our-slipway', usage),
  };
  const good = await play(false, ({ github, folder }) =>
    runScript(wrapper, folder, { ...env, SHIM_API_URL: github.url }),
  );
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
});

entries('buildkite leaves no setting behind for the next plugin of the step', async () => {
  const { usage, start, push } = hosts.buildkite as Host;
  const { env } = start(usage, push);
  const script = `${sourced}\nenv | grep -c '^PLUGIN_[A-Z]*=' || true`;
  const good = await play(false, ({ github, folder }) =>
    runScript(script, folder, { ...push, ...env, SHIM_API_URL: github.url }),
  );
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.match(good.log, /^0$/m);
});

entries('azure names a macro that it did not replace', async () => {
  const { usage, start, push } = hosts.azure as Host;
  const { script, env } = start({ ...usage, github_token: '$(noSuchThing)' }, push);
  const bad = await play(false, ({ github, folder }) =>
    runScript(script, folder, { ...push, ...env, SHIM_API_URL: github.url }),
  );
  assert.equal([bad.code, bad.deployed], [2, ''], bad.log);
  assert.match(bad.log, 'PLUGIN_GITHUB_TOKEN is an unresolved $(…)');
});

entries.run();
