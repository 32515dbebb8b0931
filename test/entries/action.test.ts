import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { standardOutputs } from '../../src/outputs/run-outputs.ts';
import { yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { head } from '../context/reading.ts';
import { builds, eventPath } from '../context/recorded/github-actions.ts';
import {
  deployed,
  type Env,
  play,
  readExample,
  runPlugin,
  type Scene,
  token,
} from '../examples/example.ts';
import { faultsInAction, faultsInWorkflow } from './actions-parser.ts';
import { readEntry, usageIn } from './expand.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const action = suite('action.yml');
const text = readEntry('../action.yml');
const manifest = parse(text);
const workflow = usageIn('../action.yml');
const usage: Readonly<Record<string, string>> = parse(workflow).jobs.deploy.steps[1].with;

/**
 * What the runner makes of `with`, for a container action: names in upper case with `_` for a space and every dash kept,
 * inputs that nobody wrote as empty variables.
 */
function inputsOf(written: Readonly<Record<string, string>>): Env {
  const variable = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
  return Object.fromEntries(
    [...Object.keys(manifest.inputs).map((name) => [name, '']), ...Object.entries(written)].map(
      ([name = '', value]) => [variable(name), value],
    ),
  );
}

const step = (api: string): Env =>
  inputsOf({
    ...usage,
    command: `${usage.command}\nenv | grep -o "^INPUT_[A-Z_]*"\necho "$HOME $PWD"`,
    github_token: usage.github_token === '${{ github.token }}' ? token : '',
    github_api_url: api,
    args: 'of the action itself',
  });

/** The folders that the runner mounts at /github, and the file commands in them. */
function withRunner<T>(body: (env: Env, read: (file: string) => string) => Promise<T>): Promise<T> {
  const mount = mkdtempSync(path.join(tmpdir(), 'github-'));
  const place = (file: string): string => path.join(mount, file);
  for (const folder of ['home', 'workflow', 'file_commands']) mkdirSync(place(folder));
  writeFileSync(place('workflow/event.json'), builds.push.files?.[eventPath] ?? '');
  for (const file of ['set_output', 'step_summary'])
    writeFileSync(place(`file_commands/${file}`), '');
  const env = {
    HOME: place('home'),
    GITHUB_EVENT_PATH: place('workflow/event.json'),
    GITHUB_OUTPUT: place('file_commands/set_output'),
    GITHUB_STEP_SUMMARY: place('file_commands/step_summary'),
  };
  return body(env, (file) => readFileSync(place(`file_commands/${file}`), 'utf8')).finally(() =>
    rmSync(mount, { recursive: true }),
  );
}

const started =
  (runner: Env) =>
  ({ github, folder }: Scene) =>
    runPlugin(folder, {
      ...builds.push.env,
      ...runner,
      GITHUB_WORKSPACE: folder,
      ...step(github.url),
    });

action('offers every setting, and tells of every output', () => {
  assert.equal(Object.keys(manifest.inputs), Object.keys(everySetting).map(yamlName));
  assert.equal(Object.keys(manifest.outputs), Object.keys(standardOutputs));
  for (const input of Object.values(manifest.inputs)) {
    assert.equal(Object.keys(input as object), ['description']);
  }
  assert.equal(manifest.runs, { using: 'docker', image: 'Dockerfile' });
});

action('is what GitHub demands of a manifest, and of the workflow that it shows', () => {
  assert.equal(faultsInAction(text), []);
  assert.equal(faultsInAction(text.replace('icon: anchor', 'icon: ankor')).length, 1);
  assert.equal(faultsInWorkflow(workflow), []);
  assert.equal(faultsInWorkflow(readExample('github-actions.yml')), []);
  const names = Object.keys(usage).filter((name) => !(name in manifest.inputs));
  assert.equal(names, []);
});

action('deploys by its inputs, and hands no input of ours on', () =>
  withRunner(async (runner, read) => {
    const good = await play(false, started(runner));
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'queued in_progress success');
    assert.match(good.log, /^INPUT_ARGS$/m);
    assert.not.match(good.log, /^INPUT_(?!ARGS$)/m);
    assert.match(good.log, new RegExp(`^${runner.HOME} /.*example-`, 'm'));
    assert.match(read('set_output'), /^outcome=success$/m);
    assert.match(read('set_output'), new RegExp(`^commit=${head}$`, 'm'));
    assert.match(read('step_summary'), 'production');
    const bad = await play(true, started(runner));
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  }),
);

action('adopts the deployment that GitHub made for a job with an environment', () =>
  withRunner(async (runner, read) => {
    let own = 0;
    const run = (scene: Scene) => {
      const { id } = scene.github.addDeployment({ ref: 'main', environment: 'production' });
      own = id;
      scene.github.addStatus(id, {
        state: 'in_progress',
        log_url: `https://github.com/octo/hello/actions/runs/${builds.push.env.GITHUB_RUN_ID}/job/7`,
      });
      return started(runner)(scene);
    };
    const good = await play(false, run);
    assert.equal([good.code, good.deployed], [0, deployed], good.log);
    assert.is(good.story, 'in_progress queued in_progress success');
    assert.match(read('set_output'), new RegExp(`^deployment_id=${own}$`, 'm'));
  }),
);

action.run();
