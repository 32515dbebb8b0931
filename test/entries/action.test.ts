import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { yamlName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { builds } from '../context/recorded/github-actions.ts';
import { deployed, play, runPlugin, type Scene, token } from '../examples/example.ts';

/** Played with dist/slipway.mjs, as a container action's `with` reaches it. */
const action = suite('action.yml');
const manifest = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8'));

const inputs = {
  'INPUT_ENVIRONMENT-URL': 'https://shop.example.com',
  INPUT_COMMAND: './deploy.sh && env | grep -o "^INPUT_[A-Z_]*"',
  INPUT_ENVIRONMENT: 'production',
  INPUT_GITHUB_TOKEN: token,
  // An input that nobody wrote is there, and empty.
  INPUT_TARGET: '',
  INPUT_ARGS: 'of the action itself',
};

action('offers every setting', () => {
  assert.equal(Object.keys(manifest.inputs), Object.keys(everySetting).map(yamlName));
  assert.is(manifest.runs.using, 'docker');
});

action('deploys by its inputs, and hands no input of ours on', async () => {
  const run = ({ github, folder }: Scene) => {
    return runPlugin(folder, { ...builds.push.env, ...inputs, INPUT_GITHUB_API_URL: github.url });
  };
  const good = await play(false, run);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  assert.match(good.log, /^INPUT_ARGS$/m);
  assert.not.match(good.log, /^INPUT_(?!ARGS$)/m);
});

action.run();
