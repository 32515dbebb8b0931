import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builds as drone } from '../context/recorded/drone.ts';
import { builds as harness } from '../context/recorded/harness.ts';
import { builds as woodpecker } from '../context/recorded/woodpecker.ts';
import { encodeDrone, encodeHarness, encodeWoodpecker } from '../support/encoders.ts';
import type { FakeGithub } from '../support/github/fake-github.ts';
import {
  deployed,
  type Ended,
  type Env,
  page,
  play,
  runPlugin,
  type Scene,
  token,
  yamlAt,
} from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: settings');

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
  assert.is(good.story, 'queued in_progress in_progress');
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
  assert.equal(
    [hook.code, hook.deployed, hook.story],
    [0, deployed, 'queued in_progress in_progress'],
  );
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

examples.run();
