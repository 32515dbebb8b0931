import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fakeDivio } from '../support/divio/fake-divio.ts';
import { drone, onStage, repo, sha, writesTo } from './stage.ts';

const deploying = suite('deploy');

deploying("tells a promotion of Drone's own on the commit status", () =>
  onStage(async ({ slipway, github, access }) => {
    const { out, exit } = await slipway({ ...drone, ...access, PLUGIN_COMMAND: 'echo deployed' });
    assert.is(exit, 0, out);
    assert.match(out, /^deployed$/m);
    const told = github.commitStatuses(sha).toReversed();
    assert.equal(
      told.map(({ state, context }) => `${context} ${state}`),
      ['pending', 'pending', 'success'].map((state) => `slipway/production ${state}`),
    );
    assert.is(github.deployments.length, 0);
  }),
);

deploying('adopts the deployment of a promotion by hook, and leaves its success to Drone', () =>
  onStage(async ({ slipway, github, access }) => {
    const at = Date.now() - 60_000;
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at });
    const env = { ...drone, ...access, DRONE_DEPLOY_ID: String(id), PLUGIN_COMMAND: 'true' };
    const { exit, out } = await slipway(env);
    assert.is(exit, 0, out);
    const states = github.statusesOf(id).map(({ state }) => state);
    assert.equal(states, ['in_progress', 'in_progress', 'queued']);
    assert.match(out, /github_token \(PLUGIN_GITHUB_TOKEN\) goes to 127\.0\.0\.1/);
  }),
);

deploying('does nothing on an event that does not deploy, whatever the settings', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, DRONE_BUILD_EVENT: 'push', PLUGIN_GITHUB_TOKEN: '' };
    const { out, exit } = await slipway({ ...env, PLUGIN_TIMEOUT: 'nonsense' });
    assert.is(exit, 0);
    assert.match(out, /nothing to do.*push.*events: promote,rollback,push/);
  }),
);

deploying('deploys on an event that the author allows', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, DRONE_BUILD_EVENT: 'push', PLUGIN_EVENTS: 'push,promote' };
    assert.is((await slipway({ ...env, PLUGIN_COMMAND: 'true' })).exit, 0);
  }),
);

deploying('reports every fault at once, under the names that the author used', () =>
  onStage(async ({ slipway }) => {
    const { out, exit } = await slipway({
      ...drone,
      PLUGIN_TARGET: 'comand',
      PLUGIN_TIMEOUT: 'soon',
      'PLUGIN_WHEN-BUSY': 'perhaps',
      PLUGIN_GITHUB_TOKEN: '',
      PLUGIN_DRY_RUNN: 'true',
    });
    assert.is(exit, 2);
    assert.match(out, 'PLUGIN_DRY_RUNN is not a setting; did you mean PLUGIN_DRY_RUN?');
    assert.match(out, /PLUGIN_TARGET must be one of .* did you mean command\?/);
    assert.match(out, /PLUGIN_TIMEOUT must be a duration/);
    assert.match(out, /PLUGIN_WHEN-BUSY must be one of/);
    assert.match(out, /PLUGIN_GITHUB_TOKEN is empty: the secret was not found, or is not exposed/);
    assert.not.match(out, /\n {4}at /);
  }),
);

deploying(
  'calls a folder that is not in the tree a fault of the settings, and tells the forge',
  () =>
    onStage(async ({ slipway, github, access }) => {
      const env = { ...drone, ...access, PLUGIN_COMMAND: 'true', PLUGIN_WORKDIR: 'nowhere' };
      const { exit, out } = await slipway(env);
      assert.is(exit, 2, out);
      assert.is(github.commitStatuses(sha)[0]?.state, 'error');
      assert.match(out, 'PLUGIN_WORKDIR names no folder of the source tree: nowhere');
    }),
);

deploying('reads only flags and PLUGIN_ where whoever promotes may set any variable', () =>
  onStage(async ({ slipway, github, cwd }) => {
    writeFileSync(join(cwd, '.env'), 'PLUGIN_ENVIRONMENT=from-file\n');
    const { out, exit } = await slipway({
      ...drone,
      PLUGIN_COMMAND: 'echo to $DEPLOY_ENVIRONMENT',
      GITHUB_TOKEN: github.token,
      GITHUB_API_URL: github.url,
      SLIPWAY_ENVIRONMENT: 'evil',
      SPINNAKER_PARAM_ENVIRONMENT: 'evil',
    });
    assert.is(exit, 0);
    assert.match(out, /^to production$/m);
    assert.match(out, /no credential leaves/);
    assert.is(github.requests.length, 0);
  }),
);

const onHarness = {
  DRONE_BUILD_EVENT: 'push',
  DRONE_REPO: repo,
  DRONE_COMMIT_SHA: sha,
  HARNESS_BUILD_ID: '7',
  HARNESS_EXECUTION_ID: '0ZqKdyTJQqeRvyA9Ml1uJg',
  PLUGIN_ENVIRONMENT: 'production',
  PLUGIN_COMMAND: 'true',
  PLUGIN_GITHUB_TOKEN: 'ghp_of_harness',
};

deploying('lets no added variable choose the host that gets the token', () =>
  onStage(async ({ slipway, github }) => {
    const DRONE_REPO_LINK = `${github.url}/octo/shop`;
    const { out, exit } = await slipway({ ...onHarness, DRONE_REPO_LINK });
    assert.is(exit, 2, out);
    assert.match(out, /github_api_url is required here/i);
    assert.is(github.requests.length, 0);
  }),
);

deploying('believes nothing where somebody has added another CI server', () =>
  onStage(async ({ slipway, github, access }) => {
    const { out, exit } = await slipway({ ...onHarness, ...access, CI: 'woodpecker' });
    assert.is(exit, 2, out);
    assert.match(out, /HARNESS_BUILD_ID is Harness's, and CI=woodpecker is another/);
    assert.is(github.requests.length, 0);
  }),
);

deploying('closes what the author left open with `only`', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_COMMAND: 'true', PLUGIN_ONLY: 'command' };
    assert.is((await slipway(env)).exit, 0);
    const { out, exit } = await slipway({ ...env, PLUGIN_DRY_RUN: 'true' });
    assert.is(exit, 2);
    assert.match(out, /PLUGIN_DRY_RUN is not among the names in `only`/);
    const skipping = await slipway({ ...env, PLUGIN_EVENTS: 'push' });
    assert.is(skipping.exit, 2, 'an added `events` is a fault and no reason to pass');
  }),
);

deploying('hands bash no switch that makes it skip a script', () =>
  onStage(async ({ slipway }) => {
    const shell = { PLUGIN_COMMAND: 'echo really', PLUGIN_SHELL: '/bin/bash -e' };
    const { out } = await slipway({ ...drone, ...shell, SHELLOPTS: 'noexec' });
    assert.match(out, /^really$/m);
  }),
);

deploying('shows nobody an environment link that holds a secret', () =>
  onStage(async ({ slipway, github, access }) => {
    const { out, exit } = await slipway({
      ...drone,
      ...access,
      PLUGIN_COMMAND_ENV: '{"KEY":"hush-hush-42"}',
      PLUGIN_COMMAND: 'echo "environment_url=https://x.example/?k=$KEY" >> "$SLIPWAY_OUTPUT"',
    });
    assert.is(exit, 0, out);
    assert.not.match(JSON.stringify(github.requests), /hush-hush/);
    assert.match(out, /environment_url holds a secret/);
  }),
);

deploying('reads .env and plain names outside CI, and overrides nothing with a file', () =>
  onStage(async ({ slipway, cwd }) => {
    writeFileSync(join(cwd, '.env'), 'SLIPWAY_COMPONENT=web\nPLUGIN_ENVIRONMENT=from-file\n');
    const command = 'echo "$DEPLOY_ENVIRONMENT"';
    const { out } = await slipway({ PLUGIN_COMMAND: command, SLIPWAY_ENVIRONMENT: 'staging' });
    assert.match(out, /^staging$/m);
    assert.match(out, /staging\/web/);
  }),
);

deploying('keeps its own secrets from the command', () =>
  onStage(async ({ slipway, access }) => {
    const { out } = await slipway({
      ...drone,
      ...access,
      GITHUB_TOKEN: 'ghp_vendor_secret',
      PLUGIN_COMMAND: 'env',
      PLUGIN_COMMAND_ENV: '{"PASSED":"on-purpose"}',
    });
    assert.not.match(out, /^PLUGIN_/m);
    assert.not.match(out, /ghp_/);
    assert.match(out, /^PASSED=\*\*\*$/m);
  }),
);

deploying('leaves outputs for later steps', () =>
  onStage(async ({ slipway, cwd, access }) => {
    const { exit } = await slipway({
      ...drone,
      ...access,
      PLUGIN_COMMAND: 'echo "colour=blue" >> "$SLIPWAY_OUTPUT"; exit 3',
      PLUGIN_OUTPUT_FILE: 'out.json',
    });
    assert.is(exit, 1);
    const outputs = JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8'));
    assert.is(outputs.outcome, 'failure');
    assert.is(outputs.colour, 'blue');
    assert.is(outputs.commit, sha);
    assert.match(outputs.description, /3/);
  }),
);

for (const [what, changes, exit, said] of [
  ['what works', {}, 0, /works: application hello has the environment live/],
  ["an environment of CI's", { PLUGIN_DIVIO_ENVIRONMENT: '' }, 0, /has the environment live/],
  ['a token that fails', { PLUGIN_DIVIO_TOKEN: 'wrong-t0ken' }, 6, /FAILS: .*divio_token is wrong/],
  ['a wrong environment', { PLUGIN_DIVIO_ENVIRONMENT: 'stage' }, 2, /FAILS: .*no environment/],
] as const) {
  deploying(`finds in a dry run what the target says of ${what}`, () =>
    onStage(async ({ slipway, github, access }) => {
      const divio = await fakeDivio();
      const env = {
        ...{ ...drone, ...access, DRONE_DEPLOY_TO: 'live', PLUGIN_TARGET: 'divio' },
        ...{ PLUGIN_DIVIO_API_URL: divio.url, PLUGIN_DIVIO_TOKEN: divio.token },
        ...{ PLUGIN_DIVIO_APPLICATION: 'hello', PLUGIN_DIVIO_ENVIRONMENT: 'live' },
        ...{ PLUGIN_DRY_RUN: 'true', ...changes },
      };
      const { out, ...ended } = await slipway(env);
      assert.is(ended.exit, exit, out);
      assert.match(out, said);
      assert.match(out, exit === 0 ? /nothing was written anywhere$/m : /; a deploy would fail/);
      assert.not.match(out, 'wrong-t0ken');
      assert.is(divio.world.deployments.length + github.deployments.length, 0);
      assert.ok(divio.seen.every(({ method }) => method === 'GET'));
      await divio.close();
    }),
  );
}

deploying('writes nothing in a dry run', () =>
  onStage(async ({ slipway, github, access }) => {
    const env = { ...drone, ...access, PLUGIN_COMMAND: 'echo deployed', PLUGIN_DRY_RUN: 'true' };
    const { out, exit } = await slipway(env);
    assert.is(exit, 0);
    assert.not.match(out, /^deployed$/m);
    assert.equal(writesTo(github), []);
    assert.match(out, /1\. look at octo\/shop production/);
  }),
);

deploying('prints one property line under Spinnaker, on faults too', () =>
  onStage(async ({ slipway }) => {
    const spinnaker = {
      SPINNAKER_EXECUTION_ID: '01EXEC',
      SPINNAKER_STAGE_ID: '01STAGE',
      SPINNAKER_STAGE_START_TIME: '1700000000000',
    };
    for (const [env, exit, outcome] of [
      [{ PLUGIN_COMMAND: 'true' }, 0, 'success'],
      [{ PLUGIN_COMMAND: 'placeholder', PLUGIN_TIMEOUT: '${nope}' }, 2, 'error'],
    ] as const) {
      const ended = await slipway({ ...spinnaker, ...env });
      assert.is(ended.exit, exit, ended.out);
      const lines = ended.out.trimEnd().split('\n');
      assert.is(lines.filter((line) => line.includes('SPINNAKER_CONFIG_JSON=')).length, 1);
      const last = lines.at(-1) ?? '';
      assert.ok(last.startsWith('SPINNAKER_CONFIG_JSON='));
      assert.is(JSON.parse(last.slice('SPINNAKER_CONFIG_JSON='.length)).outcome, outcome);
    }
  }),
);

deploying('does not send the GitHub token to another forge', () =>
  onStage(async ({ slipway, github }) => {
    const gitlab = {
      GITLAB_CI: 'true',
      CI_PIPELINE_ID: '7',
      CI_PIPELINE_SOURCE: 'push',
      CI_PROJECT_PATH: repo,
      CI_PROJECT_URL: github.url,
      CI_COMMIT_SHA: sha,
      CI_COMMIT_REF_NAME: 'main',
      PLUGIN_COMMAND: 'true',
      PLUGIN_ENVIRONMENT: 'production',
      PLUGIN_GITHUB_TOKEN: github.token,
      PLUGIN_REPORT: 'github-deployment',
    };
    const { out, exit } = await slipway(gitlab);
    assert.is(exit, 2, out);
    assert.match(out, /PLUGIN_GITHUB_API_URL is required/);
    assert.is(github.requests.length, 0);
  }),
);

deploying('repeats no slip of the fingers in its cure', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_COMMAND: 'true', PLUGIN_EVENTS: 'promot,rollback' };
    const { out, exit } = await slipway(env);
    assert.is(exit, 0);
    assert.match(out, /names "promot", which is no event of drone; did you mean promote\?/);
    assert.match(out, /\(to allow it too, set events: rollback,promote\)/);
  }),
);

deploying.run();
