import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { topicText } from '../../src/cli/topics.ts';
import { ciSystems } from '../../src/context/index.ts';
import { head } from '../context/reading.ts';
import { builds as azure } from '../context/recorded/azure.ts';
import { builds as bitbucket } from '../context/recorded/bitbucket.ts';
import { builds as buildkite } from '../context/recorded/buildkite.ts';
import { builds as circleci } from '../context/recorded/circleci.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { builds as actions, eventPath } from '../context/recorded/github-actions.ts';
import { builds as gitlab } from '../context/recorded/gitlab.ts';
import { builds as harness } from '../context/recorded/harness.ts';
import { builds as jenkins } from '../context/recorded/jenkins.ts';
import { builds as travis } from '../context/recorded/travis.ts';
import { builds as woodpecker } from '../context/recorded/woodpecker.ts';
import { encodeDrone, encodeHarness, encodeWoodpecker } from '../support/encoders.ts';
import type { FakeGithub } from '../support/github/fake-github.ts';
import { mapTexts, springPass, transform } from '../support/orca.ts';
import {
  type Env,
  githubOf,
  makeWorkspace,
  readExample,
  runPlugin,
  runScript,
  scriptAt,
  story,
  token,
  yamlAt,
} from './example.ts';

/** Each example is played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci');
const deployed = `production ${head}`;
const page = 'https://shop.example.com';

type Scene = { readonly github: FakeGithub; readonly folder: string };
type Ended = { readonly code: number | null; readonly log: string };

/** One build of one example against a GitHub of its own. */
async function play(fails: boolean, build: (scene: Scene) => Promise<Ended>) {
  const github = await githubOf([head]);
  const workspace = makeWorkspace(fails);
  try {
    const { code, log } = await build({ github, folder: workspace.folder });
    github.assertClean();
    assert.not.match(log, token);
    const [deployment] = github.deployments;
    const last = deployment && github.statusesOf(deployment.id)[0];
    return {
      ...{ code, log, story: story(github, head), last, requests: github.requests.length },
      deployed: workspace.deployed(),
    };
  } finally {
    workspace.remove();
    await github.close();
  }
}

const secrets = { github_token: token };
const drones = (settings: object, recorded: Env, id?: (github: FakeGithub) => Env) => {
  return ({ github, folder }: Scene): Promise<Ended> =>
    runPlugin(folder, {
      ...recorded,
      DRONE_REPO_LINK: 'https://github.com/octo/hello',
      ...settings,
      ...id?.(github),
      PLUGIN_GITHUB_API_URL: github.url,
    });
};
const adopted = (github: FakeGithub) =>
  github.addDeployment({ ref: 'main', environment: 'production', at: Date.now() - 60_000 });

examples('Drone: a promote in its UI is told by a commit status', async () => {
  const settings = encodeDrone(yamlAt('drone.yml', ['steps', 0, 'settings']), secrets);
  const run = drones(settings, drone.promoteInUi.env);
  const good = await play(false, run);
  assert.is(good.code, 0, good.log);
  assert.is(good.deployed, deployed);
  const context = 'slipway/production';
  assert.is(good.story, `${context}=pending ${context}=pending ${context}=success`);
  const bad = await play(true, run);
  assert.is(bad.code, 1, bad.log);
  assert.match(bad.story, /slipway\/production=failure$/);
});

examples("Drone: GitHub's deployment is adopted, and Drone ends a good one itself", async () => {
  const settings = encodeDrone(yamlAt('drone.yml', ['steps', 0, 'settings']), secrets);
  const id = (github: FakeGithub) => ({ DRONE_DEPLOY_ID: String(adopted(github).id) });
  const run = drones(settings, drone.promoteByHook.env, id);
  const good = await play(false, run);
  assert.is(good.code, 0, good.log);
  assert.is(good.deployed, deployed);
  assert.is(good.story, 'queued in_progress');
  const bad = await play(true, run);
  assert.is(bad.code, 1, bad.log);
  assert.is(bad.story, 'queued in_progress failure');
});

examples('Drone: a push deploys nothing', async () => {
  const settings = encodeDrone(yamlAt('drone.yml', ['steps', 0, 'settings']), secrets);
  const push = await play(false, drones(settings, drone.push.env));
  assert.equal([push.code, push.deployed, push.requests], [0, '', 0]);
});

examples('Woodpecker: a deployment of GitHub, and one by hand', async () => {
  const yaml = yamlAt('woodpecker.yml', ['steps', 0, 'settings']);
  const settings = { ...encodeWoodpecker(yaml, secrets), CI_REPO_URL: page };
  const id = (github: FakeGithub) => ({
    CI_PIPELINE_FORGE_URL: `${github.url}/repos/octo/hello/deployments/${adopted(github).id}`,
  });
  const hook = await play(false, drones(settings, woodpecker.byHook.env, id));
  assert.equal([hook.code, hook.deployed, hook.story], [0, deployed, 'queued in_progress']);
  const hand = await play(false, drones(settings, woodpecker.byCli.env));
  assert.equal([hand.code, hand.deployed], [0, deployed], hand.log);
  assert.match(hand.story, /^slipway\/production=pending .*slipway\/production=success$/);
  const bad = await play(true, drones(settings, woodpecker.byHook.env, id));
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure']);
});

examples('Harness: a deployment is created', async () => {
  const yaml = yamlAt('harness.yml', [0, 'step', 'spec', 'settings']);
  const resolved = yaml.replace(/<\+secrets\.getValue\("github_token"\)>/, token);
  const settings = encodeHarness(resolved);
  const good = await play(false, drones(settings, harness.push.env));
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  assert.is(good.last?.environmentUrl, page);
  const bad = await play(true, drones(settings, harness.push.env));
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure']);
});

type Plain = {
  readonly id: string;
  script(): string;
  readonly push: Env;
  readonly pullRequest: Env;
  /** Variables of this machine, or what the CI system fills in. */
  place?(scene: Scene): Env;
};

const steps = ['jobs', 'deploy', 'steps'];
const plain: Readonly<Record<string, Plain>> = {
  'travis.yml': {
    id: 'travis',
    script: () => scriptAt('travis.yml', ['jobs', 'include', 0, 'script', 0]),
    push: travis.push.env,
    pullRequest: travis.pullRequest.env,
  },
  'circleci.yml': {
    id: 'circleci',
    script: () => scriptAt('circleci.yml', [...steps, 1, 'run', 'command']),
    push: circleci.push.env,
    pullRequest: circleci.fork.env,
  },
  Jenkinsfile: {
    id: 'jenkins',
    // In Groovy a backslash before the end of a line joins it with the next.
    script: () => between(readExample('Jenkinsfile'), "'''").replaceAll('\\\n', ''),
    push: jenkins.multibranch.env,
    pullRequest: jenkins.change.env,
  },
  'buildkite.yml': {
    id: 'buildkite',
    script: () => uploaded(scriptAt('buildkite.yml', ['steps', 0, 'command'])),
    push: buildkite.push.env,
    pullRequest: buildkite.pullRequest.env,
  },
  'azure.yml': {
    id: 'azure',
    script: () =>
      scriptAt('azure.yml', [
        ...['jobs', 0, 'strategy', 'runOnce', 'deploy', 'steps'],
        ...[1, 'script'],
      ]),
    push: azure.deploymentJob.env,
    pullRequest: azure.pullRequest.env,
  },
};

for (const [name, { id, script, push, pullRequest }] of Object.entries(plain)) {
  const run =
    (env: Env) =>
    ({ github, folder }: Scene): Promise<Ended> =>
      runScript(script(), folder, { ...env, PLUGIN_GITHUB_TOKEN: token, SHIM_API_URL: github.url });

  examples(`${name} deploys a push and creates its deployment`, async () => {
    const good = await play(false, run(push));
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'queued in_progress success');
    assert.is(good.last?.environmentUrl, page);
    assert.match(good.last?.logUrl ?? '', /[?&]slipway=/, 'links to the build');
  });
  examples(`${name} fails where the deploy does`, async () => {
    const bad = await play(true, run(push));
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  });
  examples(`${name} deploys no pull request`, async () => {
    const quiet = await play(false, run(pullRequest));
    assert.equal([quiet.code, quiet.deployed, quiet.requests], [0, '', 0], quiet.log);
    assert.match(quiet.log, `of this ${id} build`);
  });
}

examples('GitHub Actions: deploys a push, with outputs and a summary', async () => {
  const script = scriptAt('github-actions.yml', [...steps, 1, 'run']);
  const files = mkdtempSync(path.join(tmpdir(), 'actions-'));
  const place = (file: string): string => path.join(files, file);
  for (const file of ['event.json', 'output', 'summary']) writeFileSync(place(file), '');
  writeFileSync(place('event.json'), actions.push.files?.[eventPath] ?? '');
  const run = ({ github, folder }: Scene): Promise<Ended> =>
    runScript(script, folder, {
      ...actions.push.env,
      PLUGIN_GITHUB_TOKEN: token,
      GITHUB_API_URL: github.url,
      GITHUB_EVENT_PATH: place('event.json'),
      GITHUB_OUTPUT: place('output'),
      GITHUB_STEP_SUMMARY: place('summary'),
    });
  try {
    const good = await play(false, run);
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'queued in_progress success');
    assert.match(
      good.last?.logUrl ?? '',
      /^https:\/\/github\.com\/octo\/hello\/actions\/runs\/\d+/,
    );
    assert.match(readFileSync(place('output'), 'utf8'), /deployment_state/);
    assert.match(readFileSync(place('summary'), 'utf8'), 'production');
    const bad = await play(true, run);
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  } finally {
    rmSync(files, { recursive: true });
  }
});

for (const [name, script, recorded] of [
  ['gitlab.yml', () => scriptAt('gitlab.yml', ['deploy', 'script', 0]), gitlab.deployJob.env],
  [
    'bitbucket.yml',
    () =>
      scriptAt('bitbucket.yml', ['pipelines', 'branches', 'main', 0, 'step', 'script', 0] as const),
    bitbucket.deployment.env,
  ],
] as const) {
  examples(`${name} deploys, and tells by log and exit code alone`, async () => {
    const run = ({ github, folder }: Scene): Promise<Ended> =>
      runScript(script(), folder, {
        ...recorded,
        BITBUCKET_CLONE_DIR: folder,
        SHIM_API_URL: github.url,
      });
    const good = await play(false, run);
    assert.equal([good.code, good.deployed, good.requests], [0, deployed, 0], good.log);
    assert.match(good.log, 'reports to this log only');
    const bad = await play(true, run);
    assert.equal([bad.code, bad.requests], [1, 0]);
  });
}

examples('gitlab-image.yml reports to GitHub, where its code is', async () => {
  const { variables, script } = parse(readExample('gitlab-image.yml')).deploy;
  const run = ({ github, folder }: Scene): Promise<Ended> =>
    runScript(script.join('\n'), folder, {
      ...gitlab.push.env,
      ...variables,
      PLUGIN_GITHUB_TOKEN: token,
      SHIM_API_URL: github.url,
    });
  const good = await play(false, run);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  const bad = await play(true, run);
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure']);
});

type Variable = { readonly name: string; readonly value?: string };
type Parameter = { readonly name: string; readonly mapping: string };

examples('Spinnaker: the job is filled by its parameters and deploys', async () => {
  const started = mapTexts(parse(readExample('spinnaker.yml')), (text) => springPass(text, {}));
  const [job] = (started as { job: { preconfigured: { kubernetes: SpinnakerJob[] } } }).job
    .preconfigured.kubernetes;
  assert.ok(job);
  const variables = job.manifest.spec.template.spec.containers[0].env;
  const given = { commit: head, environment: 'production' } as Record<string, string>;
  for (const { name, mapping } of job.parameters) {
    const [, at] = /containers\[0\]\.env\[(\d+)\]\.value$/.exec(mapping) ?? [];
    const variable = variables[Number(at)];
    assert.is(variable?.name, `PLUGIN_${name.toUpperCase()}`);
    variables[Number(at)] = { ...variable, name: variable?.name ?? '', value: given[name] ?? '' };
  }
  const facts = {
    parameterValues: given,
    execution: { id: '01JEXECUTION', application: 'shop', name: 'Deploy' },
    stage: { id: '01JSTAGE', startTime: 1_795_258_800_000 },
  };
  const env = Object.fromEntries(
    variables.map(({ name, value }) => [
      name,
      value === undefined ? token : String(transform(value, facts)),
    ]),
  );
  const run = ({ github, folder }: Scene): Promise<Ended> =>
    runPlugin(folder, {
      ...env,
      // The tool of an image built FROM slipway.
      PLUGIN_COMMAND: String(env.PLUGIN_COMMAND).replace('/srv/', './'),
      PLUGIN_GITHUB_API_URL: github.url,
    });
  const good = await play(false, run);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  assert.match(good.last?.logUrl ?? '', '/applications/shop/executions/details/01JEXECUTION');
  assert.match(good.log, /^SPINNAKER_CONFIG_JSON=\{/m);
  const bad = await play(true, run);
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure']);
});
type SpinnakerJob = {
  readonly parameters: readonly Parameter[];
  readonly manifest: {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: [{ readonly env: Variable[] }] } };
    };
  };
};

const shelf = { owners: [], targets: [], reporters: [], ciSystems, version: '0' };
const passed = (text: string): string[] =>
  [...text.matchAll(/(?<=\s)-e (\w+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('PLUGIN_'))
    .sort();
const ids: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(plain).map(([name, { id }]) => [name, id])),
  'github-actions.yml': 'github-actions',
  'gitlab.yml': 'gitlab',
  'bitbucket.yml': 'bitbucket',
};
for (const [name, id] of Object.entries(ids)) {
  examples(`${name} passes on what \`help docker-flags ${id}\` names`, () => {
    const wanted = passed(topicText(shelf, ['docker-flags', id]) ?? '');
    assert.ok(wanted.length > 5);
    assert.equal(passed(readExample(name)), wanted);
  });
}

examples('are all played here', () => {
  const files = readdirSync(new URL('../../examples/ci/', import.meta.url)).sort();
  const others = [
    'drone.yml',
    'gitlab-image.yml',
    'harness.yml',
    'spinnaker.yml',
    'woodpecker.yml',
  ];
  assert.equal(files, [...Object.keys(ids), ...others].sort());
});

/** `buildkite-agent pipeline upload` fills in variables, and makes one dollar of two. */
function uploaded(script: string): string {
  return script.replace(/\$(\$|\w+)/g, (_, name) => (name === '$' ? '$' : ''));
}

function between(text: string, mark: string): string {
  return text.slice(text.indexOf(mark) + mark.length, text.lastIndexOf(mark));
}

examples.run();
