import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { head } from '../context/reading.ts';
import { builds as drone } from '../context/recorded/drone.ts';
import { builds as actions, eventPath } from '../context/recorded/github-actions.ts';
import { builds as travis } from '../context/recorded/travis.ts';
import { type FakeRack, password, startRack } from '../support/convox/fake-rack.ts';
import type { Manners } from '../support/convox/manners.ts';
import { encodeDrone } from '../support/encoders.ts';
import {
  type Ended,
  page,
  play,
  runPlugin,
  runScript,
  type Scene,
  scriptAt,
  token,
  yamlAt,
} from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: Convox');

const rollouts = {
  good: ['updating', 'running'],
  bad: ['updating', 'rollback', 'back'],
} as const;

/** The example against a rack (behind a console, where it speaks to one) and a GitHub. */
async function playAt(
  manners: Manners,
  fate: keyof typeof rollouts,
  run: (rack: FakeRack) => (scene: Scene) => Promise<Ended>,
) {
  const rollout = rollouts[fate];
  const rack = await startRack({ app: 'shop', build: ['complete'], rollout, ...manners });
  try {
    const played = await play(false, (scene) => {
      writeFileSync(path.join(scene.folder, 'convox.yml'), 'services:\n  web:\n    build: .\n');
      return run(rack)(scene);
    });
    assert.equal(rack.complaints, []);
    assert.not.match(played.log, password);
    return { ...played, world: rack.world };
  } finally {
    await rack.close();
  }
}
const byConsole: Manners = { racks: ['acme/production', 'acme/staging'] };

examples('Drone: a promotion, by a deploy key, with a migration', async () => {
  const secrets = { github_token: token, convox_deploy_key: password };
  const settings = encodeDrone(yamlAt('convox-drone.yml', ['steps', 0, 'settings']), secrets);
  const run =
    (rack: FakeRack) =>
    ({ github, folder }: Scene): Promise<Ended> =>
      runPlugin(folder, {
        ...drone.promoteInUi.env,
        DRONE_REPO_LINK: 'https://github.com/octo/hello',
        ...settings,
        PLUGIN_GITHUB_API_URL: github.url,
        PLUGIN_CONVOX_HOST: rack.url,
      });
  const good = await playAt(byConsole, 'good', run);
  assert.is(good.code, 0, good.log);
  assert.equal([good.world.release, good.world.ran], ['RNEWBAAA', ['bin/migrate']]);
  assert.match(good.story, /slipway\/production=success$/);
  assert.match(good.world.builds[0]?.form.description ?? '', /\[slipway [0-9a-f]{20}-/);
  assert.is(good.world.builds[0]?.form['git-sha'], head);
  const bad = await playAt(byConsole, 'bad', run);
  assert.equal([bad.code, bad.world.release], [1, 'ROLD'], bad.log);
  assert.match(bad.story, /slipway\/production=failure$/);
  assert.match(bad.log, /rolled release RNEWBAAA back to release ROLD/);
});

examples('Travis: a push, to a rack by its URL', async () => {
  const script = scriptAt('convox-travis.yml', ['jobs', 'include', 0, 'script', 0]);
  const run =
    (rack: FakeRack) =>
    ({ github, folder }: Scene): Promise<Ended> =>
      runScript(script, folder, {
        ...travis.push.env,
        PLUGIN_GITHUB_TOKEN: token,
        PLUGIN_CONVOX_RACK_URL: rack.rackUrl,
        SHIM_API_URL: github.url,
      });
  const good = await playAt({}, 'good', run);
  assert.equal([good.code, good.world.release], [0, 'RNEWBAAA'], good.log);
  assert.is(good.story, 'queued in_progress success');
  assert.is(good.last?.environmentUrl, page);
  const bad = await playAt({}, 'bad', run);
  assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
});

examples('GitHub Actions: a push, by a deploy key, with outputs', async () => {
  const script = scriptAt('convox-github-actions.yml', ['jobs', 'deploy', 'steps', 1, 'run']);
  const files = mkdtempSync(path.join(tmpdir(), 'actions-'));
  const place = (file: string): string => path.join(files, file);
  for (const file of ['event.json', 'output', 'summary']) writeFileSync(place(file), '');
  writeFileSync(place('event.json'), actions.push.files?.[eventPath] ?? '');
  const run =
    (rack: FakeRack) =>
    ({ github, folder }: Scene): Promise<Ended> =>
      runScript(script, folder, {
        ...actions.push.env,
        PLUGIN_GITHUB_TOKEN: token,
        PLUGIN_CONVOX_PASSWORD: password,
        GITHUB_API_URL: github.url,
        GITHUB_EVENT_PATH: place('event.json'),
        GITHUB_OUTPUT: place('output'),
        GITHUB_STEP_SUMMARY: place('summary'),
        SHIM_CONVOX_HOST: rack.url,
      });
  try {
    const good = await playAt(byConsole, 'good', run);
    assert.equal([good.code, good.world.release], [0, 'RNEWBAAA'], good.log);
    assert.is(good.story, 'queued in_progress success');
    const output = readFileSync(place('output'), 'utf8');
    for (const name of ['build', 'release', 'previous_release', 'rack_version']) {
      assert.match(output, new RegExp(`^${name}\\b`, 'm'));
    }
    const bad = await playAt(byConsole, 'bad', run);
    assert.equal([bad.code, bad.story], [1, 'queued in_progress failure'], bad.log);
  } finally {
    rmSync(files, { recursive: true });
  }
});

examples.run();
