import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canned } from '../support/github/fake-github.ts';
import { deadUrl } from '../support/loopback.ts';
import { drone, onStage, repo, sha } from './stage.ts';

const posting = suite('status');

posting('is a drop-in for drone-status: its names work and mean the same', () =>
  onStage(async ({ slipway, github }) => {
    const { out, exit } = await slipway({
      ...drone,
      PLUGIN_API_TOKEN: github.token,
      PLUGIN_ENDPOINT: github.url,
      PLUGIN_STATE: 'success',
      PLUGIN_CONTEXT: 'deploy',
      PLUGIN_DESCRIPTION: 'Finished to deploy.',
      PLUGIN_REPO: repo,
      PLUGIN_COMMIT: sha,
    });
    assert.is(exit, 0, out);
    const [status] = github.commitStatuses(sha);
    assert.is(status?.state, 'success');
    assert.is(status?.context, 'deploy');
    assert.is(status?.description, 'Finished to deploy.');
    assert.is(github.deployments.length, 0);
  }),
);

posting('does what its users believed: it updates the deployment', () =>
  onStage(async ({ slipway, github }) => {
    const { id } = github.addDeployment({
      ref: sha,
      environment: 'production',
      at: Date.now() - 60_000,
    });
    const { out, exit } = await slipway({
      ...drone,
      DRONE_DEPLOY_ID: String(id),
      PLUGIN_API_TOKEN: github.token,
      PLUGIN_ENDPOINT: github.url,
      PLUGIN_STATE: 'success',
      PLUGIN_CONTEXT: 'deploy',
    });
    assert.is(exit, 0, out);
    assert.equal(
      github.statusesOf(id).map(({ state }) => state),
      ['success'],
    );
    assert.is(github.commitStatuses(sha).length, 1);
  }),
);

posting("takes the state from the CI's own status so far", () =>
  onStage(async ({ slipway, github, access }) => {
    const env = { ...drone, ...access, PLUGIN_ACTION: 'status', PLUGIN_STATUS_CONTEXT: 'x' };
    assert.is((await slipway({ ...env, DRONE_BUILD_STATUS: 'failure' })).exit, 0);
    assert.is(github.commitStatuses(sha)[0]?.state, 'failure');
  }),
);

posting('never guesses a state', () =>
  onStage(async ({ slipway, access }) => {
    const env = { ...access, PLUGIN_REPO: repo, PLUGIN_COMMIT: sha, PLUGIN_ENVIRONMENT: 'e' };
    const { out, exit } = await slipway(env, 'status');
    assert.is(exit, 2);
    assert.match(out, /PLUGIN_STATE is required/);
  }),
);

posting('creates the deployment that it reports on, and finds it again', () =>
  onStage(async ({ slipway, github, access }) => {
    const env = {
      ...access,
      PLUGIN_REPO: repo,
      PLUGIN_COMMIT: sha,
      PLUGIN_ENVIRONMENT: 'staging',
      PLUGIN_RUN_KEY: 'build 7',
    };
    for (const state of ['in_progress', 'success']) {
      assert.is((await slipway(env, 'status', '--state', state)).exit, 0);
    }
    assert.is(github.deployments.length, 1);
    const states = github.statusesOf(github.deployments[0]?.id ?? 0).map(({ state }) => state);
    assert.equal(states, ['success', 'in_progress']);
  }),
);

posting('exits 6 when the token does not work', () =>
  onStage(async ({ slipway, github }) => {
    const env = { ...drone, PLUGIN_GITHUB_TOKEN: 'ghp_wrong', PLUGIN_GITHUB_API_URL: github.url };
    const { out, exit } = await slipway({ ...env, PLUGIN_STATE: 'success' }, 'status');
    assert.is(exit, 6, out);
    assert.match(out, /PLUGIN_GITHUB_TOKEN/);
  }),
);

posting('is a fault without anybody to tell', () =>
  onStage(async ({ slipway }) => {
    assert.is((await slipway({ ...drone, PLUGIN_STATE: 'success' }, 'status')).exit, 2);
  }),
);

/** Lines of the faults in a log. */
const faultsIn = (out: string): readonly string[] =>
  [...out.matchAll(/^ {2}- (.*)$/gm)].map((match) => match[1] ?? '');

posting('names all that is missing at once, as an author writes it', () =>
  onStage(async ({ slipway }) => {
    const bare = await slipway({}, 'status');
    assert.is(bare.exit, 2);
    assert.equal(
      faultsIn(bare.out).map((line) => line.split(' ')[0]),
      ['PLUGIN_STATE', 'PLUGIN_COMMIT', 'PLUGIN_GITHUB_TOKEN', 'PLUGIN_REPO'],
    );
    const wrong = await slipway({ PLUGIN_STATE: 'done', PLUGIN_TIMEOUT: 'soon' }, 'status');
    assert.equal(
      faultsIn(wrong.out).map((line) => line.split(' ')[0]),
      ['PLUGIN_TIMEOUT', 'PLUGIN_STATE', 'PLUGIN_COMMIT', 'PLUGIN_GITHUB_TOKEN', 'PLUGIN_REPO'],
    );
  }),
);

posting('names the token that is missing, or the empty variable that its author used', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_STATE: 'success' };
    const none = faultsIn((await slipway(env, 'status')).out);
    assert.is(none.length, 1);
    assert.match(none[0] ?? '', /^PLUGIN_GITHUB_TOKEN is required to report to GitHub/);
    // Drone tells a secret that it does not have from none.
    const empty = await slipway({ ...env, PLUGIN_API_TOKEN: '' }, 'status');
    assert.equal(faultsIn(empty.out), [
      'PLUGIN_API_TOKEN is empty: the secret was not found, or is not exposed to this event',
    ]);
    const plain = { PLUGIN_STATE: 'success', PLUGIN_REPO: repo, PLUGIN_COMMIT: sha };
    const elsewhere = await slipway({ ...plain, PLUGIN_TOKEN: '' }, 'status');
    assert.match(
      faultsIn(elsewhere.out).join(),
      /^PLUGIN_TOKEN is empty: the secret was not found/,
    );
  }),
);

posting('says who keeps it from telling anybody', () =>
  onStage(async ({ slipway, access }) => {
    const env = { ...drone, ...access, PLUGIN_STATE: 'success', PLUGIN_REPORT: 'none' };
    const { out } = await slipway(env, 'status');
    assert.match(faultsIn(out).join(), /^PLUGIN_REPORT finds nobody to tell/);
  }),
);

posting('posts though it cannot look', () =>
  onStage(async ({ slipway, github, access }) => {
    github.fail({ path: /graphql$|\/commits/, nth: [1, 2, 3, 4, 5, 6], do: canned.noPermission });
    const { out, exit } = await slipway({ ...drone, ...access, PLUGIN_STATE: 'success' });
    assert.is(exit, 0, out);
    assert.match(out, /github-status could not look, and posts all the same/);
    assert.is(github.commitStatuses(sha)[0]?.state, 'success');
  }),
);

posting('exits 3 when the status is lost, and 0 with a warning where none is required', () =>
  onStage(async ({ slipway }) => {
    const env = {
      ...drone,
      PLUGIN_GITHUB_TOKEN: 'ghp_x',
      PLUGIN_GITHUB_API_URL: await deadUrl(),
      PLUGIN_STATE: 'success',
      PLUGIN_TIMEOUT: '4s',
    };
    const [required, optional] = await Promise.all([
      slipway(env),
      slipway({ ...env, PLUGIN_REQUIRE_STATUS: 'false' }),
    ]);
    assert.is(required.exit, 3, required.out);
    assert.match(
      required.out,
      /error: success did not arrive at github-status \(slipway exits with 3\)/,
    );
    assert.is(optional.exit, 0, optional.out);
    assert.match(optional.out, /warning: success did not arrive .*\(require_status: false\)/);
  }),
);

posting('is a fault where nothing may be created to report on', () =>
  onStage(async ({ slipway, access }) => {
    const env = { ...drone, ...access, PLUGIN_STATE: 'success' };
    const { out, exit } = await slipway({ ...env, PLUGIN_REPORT: 'github-deployment' });
    assert.is(exit, 2, out);
    assert.match(out, /create_deployment is false here/);
  }),
);

posting.run();
