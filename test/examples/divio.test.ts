import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { head } from '../context/reading.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { builds as actions, eventPath } from '../context/recorded/github-actions.ts';
import { builds as travis } from '../context/recorded/travis.ts';
import { fakeDivio } from '../support/divio/fake-divio.ts';
import { encodeDrone } from '../support/encoders.ts';
import { type Env, play, runPlugin, runScript, scriptAt, token, yamlAt } from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: Divio');

const divioToken = 'divio-token-of-the-examples';
const site = 'https://hello.us.aldryn.io/';

/** One build of one example against a Divio and a GitHub of its own. */
async function deploy(
  fails: boolean,
  start: (folder: string, env: Env) => ReturnType<typeof runPlugin>,
) {
  const course = {
    lasts: 1500,
    ends: fails ? 'failure' : 'success',
    log: 'no such image\n',
  } as const;
  const divio = await fakeDivio({ token: divioToken, course });
  divio.world.pull(head);
  try {
    const played = await play(fails, ({ github, folder }) =>
      start(folder, { SHIM_API_URL: github.url, SHIM_DIVIO_URL: divio.url }),
    );
    assert.equal(divio.complaints, []);
    assert.not.match(played.log, divioToken);
    return { ...played, at: divio.world.deployments.map(({ environment }) => environment) };
  } finally {
    await divio.close();
  }
}
const live = 'envb2222222222222222222222';

const byDocker =
  (name: string, at: readonly (string | number)[], recorded: Env) => (folder: string, env: Env) =>
    runScript(scriptAt(name, at), folder, {
      ...recorded,
      ...env,
      PLUGIN_DIVIO_TOKEN: divioToken,
      PLUGIN_GITHUB_TOKEN: token,
    });

examples('Travis: a push is deployed, and its deployment tells where it serves', async () => {
  const start = byDocker('divio-travis.yml', ['jobs', 'include', 0, 'script', 0], travis.push.env);
  const good = await deploy(false, start);
  assert.equal(
    [good.code, good.story, good.at],
    [0, 'queued in_progress success', [live]],
    good.log,
  );
  assert.is(good.last?.environmentUrl, site);
  const bad = await deploy(true, start);
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  assert.match(bad.last?.description ?? '', /failed: no such image$/);
});

examples('GitHub Actions: a push is deployed, with outputs', async () => {
  const files = mkdtempSync(path.join(tmpdir(), 'actions-'));
  const place = (file: string): string => path.join(files, file);
  for (const file of ['event.json', 'output', 'summary']) writeFileSync(place(file), '');
  writeFileSync(place('event.json'), actions.push.files?.[eventPath] ?? '');
  const recorded = {
    ...actions.push.env,
    GITHUB_EVENT_PATH: place('event.json'),
    GITHUB_OUTPUT: place('output'),
    GITHUB_STEP_SUMMARY: place('summary'),
  };
  try {
    const good = await deploy(false, (folder, env) => {
      const at = ['jobs', 'deploy', 'steps', 0, 'run'];
      const run = byDocker('divio-github-actions.yml', at, recorded);
      return run(folder, { ...env, GITHUB_API_URL: env.SHIM_API_URL });
    });
    assert.equal(
      [good.code, good.story, good.at],
      [0, 'queued in_progress success', [live]],
      good.log,
    );
    const outputs = readFileSync(place('output'), 'utf8');
    for (const name of [
      'deployment_uuid',
      'application_uuid',
      'control_panel_url',
      'deployed_commit',
    ]) {
      assert.match(outputs, name);
    }
    assert.match(outputs, head);
  } finally {
    rmSync(files, { recursive: true });
  }
});

examples('Drone: a promote is deployed to the environment that is written', async () => {
  const yaml = yamlAt('divio-drone.yml', ['steps', 0, 'settings']);
  const settings = encodeDrone(yaml, { github_token: token, divio_token: divioToken });
  const start = (folder: string, env: Env) =>
    runPlugin(folder, {
      ...drone.promoteInUi.env,
      ...settings,
      DRONE_REPO_LINK: 'https://github.com/octo/hello',
      PLUGIN_GITHUB_API_URL: env.SHIM_API_URL,
      PLUGIN_DIVIO_API_URL: env.SHIM_DIVIO_URL,
    });
  const good = await deploy(false, start);
  assert.equal([good.code, good.at], [0, [live]], good.log);
  assert.match(good.story, /slipway\/production=success$/);
  const bad = await deploy(true, start);
  assert.is(bad.code, 1, bad.log);
  assert.match(bad.story, /slipway\/production=failure$/);
});

examples.run();
