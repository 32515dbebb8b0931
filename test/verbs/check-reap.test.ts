import { generateKeyPairSync } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markLink, payloadMarks } from '../../src/identity.ts';
import { deadUrl } from '../support/loopback.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { fakeSlack } from '../support/slack/fake-slack.ts';
import { drone, onStage, repo, sha, writesTo } from './stage.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const appKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const left = (expiry: number) => ({
  key: 'e'.repeat(20),
  seq: 1_700_000_000_000,
  expiry,
  closure: false,
});

const checking = suite('check');

checking('says settings, context, plan and credentials, and changes nothing', () =>
  onStage(async ({ slipway, github, access }) => {
    const { out, exit } = await slipway({ ...drone, ...access, PLUGIN_COMMAND: 'false' }, 'check');
    assert.is(exit, 0, out);
    assert.match(out, /github_token\s+\*\*\*\s+\(PLUGIN_GITHUB_TOKEN\)/);
    assert.match(out, /timeout\s+50m\s+\(default\)/);
    assert.match(out, /environment\s+production\s+\(environment of the drone build\)/);
    assert.not.match(out, new RegExp(github.token));
    assert.equal(writesTo(github), []);
  }),
);

checking('exits 6 when a credential does not work', () =>
  onStage(async ({ slipway, github }) => {
    const env = { ...drone, PLUGIN_GITHUB_TOKEN: 'ghp_wrong', PLUGIN_GITHUB_API_URL: github.url };
    const { out, exit } = await slipway({ ...env, PLUGIN_COMMAND: 'true' }, 'check');
    assert.is(exit, 6);
    assert.match(out, /FAILS/);
  }),
);

checking('does not say that a deploy would fail which one audience would not hear of', () =>
  onStage(async ({ slipway, access }) => {
    const slack = await fakeSlack();
    const env = {
      ...{ ...drone, ...access, PLUGIN_COMMAND: 'true', PLUGIN_SLACK_API_URL: slack.url },
      ...{ PLUGIN_SLACK_TOKEN: 'xoxb-1-wrong', PLUGIN_SLACK_CHANNEL: 'C0DEPLOYS' },
    };
    const { out, exit } = await slipway(env, 'check');
    assert.is(exit, 6, out);
    const verdict = 'a deploy would start, and slack would not hear of it (this check exits 6)';
    assert.ok(out.includes(verdict), out);
    await slack.close();
  }),
);

const dead = await deadUrl();
const atGithub = { ...drone, PLUGIN_GITHUB_TOKEN: 'ghp_any', PLUGIN_GITHUB_API_URL: dead };
const atDivio = {
  ...{ PLUGIN_TARGET: 'divio', PLUGIN_DIVIO_API_URL: dead, PLUGIN_DIVIO_TOKEN: 'a-token' },
  ...{ PLUGIN_DIVIO_APPLICATION: 'hello', PLUGIN_REPO: repo, PLUGIN_ENVIRONMENT: 'live' },
};
const atConvox = {
  ...{ PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_APP: 'hello', PLUGIN_REPO: repo },
  PLUGIN_CONVOX_RACK_URL: dead.replace('//', '//convox:pw@'),
  ...{ PLUGIN_ENVIRONMENT: 'live', PLUGIN_CONVOX_RELEASE: 'RABCDEFGHI' },
};
const archive = { PLUGIN_CHECKOUT: 'archive' };
for (const [what, env, code, lines] of [
  ['the forge', { ...atGithub, PLUGIN_COMMAND: 'true' }, 1, 1],
  ['the forge and its archives', { ...atGithub, ...archive, PLUGIN_COMMAND: 'true' }, 1, 2],
  ['Divio', atDivio, 1, 1],
  ['the rack', atConvox, 1, 1],
  ['Divio, in a dry run', { ...atDivio, PLUGIN_ACTION: '', PLUGIN_DRY_RUN: 'true' }, 1, 1],
  ['a setting is wrong too', { ...atGithub, PLUGIN_COMMAND: 'true', PLUGIN_WORKDIR: 'no' }, 2, 1],
] as const) {
  checking(`does not call a credential good that it could not try: ${what}`, () =>
    onStage(async ({ slipway }) => {
      const verb = 'PLUGIN_DRY_RUN' in env ? [] : ['check'];
      const { out, exit } = await slipway(env, ...verb);
      assert.is(exit, code, out);
      assert.is(out.match(/^ *NOT REACHED: .*the connection was refused/gm)?.length, lines, out);
      if (code === 1 && verb[0]) {
        assert.match(out, /a service was not reached, so not everything could be .* exits 1\)$/m);
      }
      assert.not.match(out, /ghp_any|a-token|:pw@|a deploy would start/);
    }, scaledClock(100)),
  );
}

checking('exits 6 for a credential that is refused, whatever was not reached', () =>
  onStage(async ({ slipway, github }) => {
    const env = { ...drone, PLUGIN_GITHUB_TOKEN: 'ghp_wrong', PLUGIN_GITHUB_API_URL: github.url };
    const { out, exit } = await slipway({ ...env, ...atDivio }, 'check');
    assert.is(exit, 6, out);
    assert.match(out, /NOT REACHED: [\s\S]*FAILS: /);
    const good = { PLUGIN_GITHUB_TOKEN: github.token, DRONE_DEPLOY_ID: '9999' };
    const denied = await slipway({ ...env, ...good, ...atDivio }, 'check');
    assert.is(denied.exit, 6, denied.out);
    assert.match(denied.out, /a deploy would not start: .* no deployment 9999/);
  }, scaledClock(100)),
);

checking('ends as a deploy would: at a deployment that contradicts what is written', () =>
  onStage(async ({ slipway, github, access }) => {
    const at = Date.now() - 60_000;
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at });
    const env = { ...drone, ...access, PLUGIN_COMMAND: 'false', DRONE_DEPLOY_ID: String(id) };
    const good = await slipway(env, 'check');
    assert.is(good.exit, 0, good.out);
    assert.match(good.out, new RegExp(`adopt deployment ${id} \\(production, commit cccccccc`));
    assert.match(good.out, /a deploy would start/);
    for (const [name, value, why] of [
      ['PLUGIN_ENVIRONMENT', 'staging', 'is for production, not for staging'],
      ['PLUGIN_COMMIT', 'd'.repeat(40), `is for commit ${sha}, not for ddd`],
    ] as const) {
      const { out, exit } = await slipway({ ...env, [name]: value }, 'check');
      assert.is(exit, 2, out);
      assert.match(out, why);
      assert.not.match(out, /post queued/);
      assert.match(out, /stop there, before anything is changed \(the deploy exits 5\)/);
      assert.match(out, /a deploy would not start: .* \(this check exits 2\)$/m);
      assert.is((await slipway({ ...env, [name]: value })).exit, 5);
    }
    const none = await slipway({ ...env, DRONE_DEPLOY_ID: '9999' }, 'check');
    assert.is(none.exit, 6, none.out);
    assert.match(none.out, /there is no deployment 9999/);
    assert.equal(writesTo(github), []);
  }),
);

checking('says of a credential that goes nowhere why it was not tried', () =>
  onStage(async ({ slipway, access, github }) => {
    const env = { ...access, PLUGIN_COMMAND: 'true', PLUGIN_REPO: repo };
    const { out, exit } = await slipway(env, 'check');
    assert.is(exit, 0, out);
    assert.match(out, /not provable: github_token is not used: .*no environment nor commit/);
    assert.is(github.requests.length, 0);
    const none = await slipway({ ...drone, ...env, PLUGIN_REPORT: 'none' }, 'check');
    assert.match(none.out, /not provable: github_token is not used: PLUGIN_REPORT is none/);
    const other = { ...drone, ...env, PLUGIN_TARGET: 'command', PLUGIN_WEBHOOK_TOKEN: 'hunter2' };
    const { out: both } = await slipway(other, 'check');
    assert.match(both, /not provable: webhook_token is not used: the target is command/);
    assert.not.match(both, /github_token is not used/);
    const app = { PLUGIN_GITHUB_APP_ID: '7', PLUGIN_GITHUB_APP_PRIVATE_KEY: appKey };
    const { out: asApp } = await slipway({ ...drone, ...env, ...app }, 'check');
    assert.match(asApp, /github_token is not used: github_app_private_key goes instead/);
  }),
);

checking('tries the credential of the example in help', () =>
  onStage(async ({ slipway, access }) => {
    const { out: help } = await slipway({}, 'help', 'check');
    const [, line = ''] = /^ *(docker run[\s\S]* check)$/m.exec(help) ?? [];
    const given = [...line.matchAll(/-e (PLUGIN_\w+)(?:=("[^"]*"|\S+))?/g)].map(
      ([, name = '', value = '']) => [name, value === '"$(git rev-parse HEAD)"' ? sha : value],
    );
    assert.match(line, /-e PLUGIN_GITHUB_TOKEN /);
    const { out, exit } = await slipway({ ...Object.fromEntries(given), ...access }, 'check');
    assert.is(exit, 0, out);
    assert.match(out, /works: deployments of octo\/shop can be read/);
    assert.not.match(out, /no credential leaves|is not used/);
  }),
);

checking('shows empty lists as the docs do, and no action that nobody wrote', () =>
  onStage(async ({ slipway, access }) => {
    const env = { ...drone, ...access, PLUGIN_COMMAND: 'true' };
    const { out } = await slipway(env, 'check');
    assert.match(out, /required_contexts +empty +\(default\)/);
    assert.not.match(out, /^ +action /m);
    assert.match(
      (await slipway({ ...env, PLUGIN_ACTION: 'check' })).out,
      /action +check +\(PLUGIN_ACTION\)/,
    );
  }),
);

checking('names what a deploy would miss, under the settings that it prints', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_COMMAND: 'true' };
    for (const [more, message] of [
      [
        { PLUGIN_WORKDIR: 'nowhere' },
        /FAILS: PLUGIN_WORKDIR names no folder of the source tree: nowhere;/,
      ],
      [{ PLUGIN_SHELL: '/bin/nosh' }, /PLUGIN_SHELL must name a program/],
      [{ PLUGIN_COMMAND: '' }, /PLUGIN_COMMAND is empty and required/],
      [{ PLUGIN_TIMEOUT: 'soon' }, /PLUGIN_TIMEOUT must be a duration/],
    ] as const) {
      const { out, exit } = await slipway({ ...env, ...more }, 'check');
      assert.is(exit, 2, out);
      assert.match(out, message);
      assert.match(out, /^settings:\n/m);
    }
  }),
);

checking('shows facts of the build and no machinery', () =>
  onStage(async ({ slipway }) => {
    const { out } = await slipway({ ...drone, PLUGIN_COMMAND: 'true' }, 'check');
    assert.match(out, /event +promote \(deploys by default\)/);
    assert.not.match(out, /webhook_|own_plugin|empty_means|open_environment|starts?_by/);
  }),
);

checking('says that a newer run would win, which no setting can mend', () =>
  onStage(async ({ slipway, github, access }) => {
    const at = Date.now() - 1000;
    const newer = { ...left(at + 3_600_000), seq: at };
    const marks = { payload: payloadMarks(newer) };
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at, ...marks });
    github.addStatus(id, {
      state: 'success',
      log_url: markLink('https://ci.example/1', newer),
      at,
    });
    const env = { ...drone, ...access, PLUGIN_COMMAND: 'true', PLUGIN_CREATE_DEPLOYMENT: 'true' };
    const { out, exit } = await slipway(env, 'check');
    assert.is(exit, 0, out);
    assert.match(out, new RegExp(`end as superseded: deployment ${id} is newer`));
    assert.is((await slipway({ ...env, PLUGIN_DRY_RUN: 'true' })).exit, 5);
    assert.equal(writesTo(github), []);
  }),
);

checking.run();

const reaping = suite('reap');

reaping('closes what is ours and past its time, and nothing else', () =>
  onStage(async ({ slipway, github, access }) => {
    const plant = (expiry: number | undefined): number => {
      const at = Date.now() - 3_600_000;
      const marks = expiry === undefined ? {} : { payload: payloadMarks(left(expiry)) };
      const { id } = github.addDeployment({ ref: sha, environment: 'production', at, ...marks });
      const log_url =
        expiry === undefined
          ? 'https://ci.example/1'
          : markLink('https://ci.example/1', left(expiry));
      github.addStatus(id, { state: 'in_progress', log_url, at });
      return id;
    };
    const soon = Date.now() + 600_000;
    const [dead, living, foreign] = [Date.now() - 1000, soon, undefined].map(plant);
    const env = { ...access, PLUGIN_REPO: repo };
    const rehearsal = await slipway(env, 'reap', '--dry-run');
    assert.is(rehearsal.exit, 0, rehearsal.out);
    assert.match(rehearsal.out, new RegExp(`would close deployment ${dead}`));
    assert.is(github.statusesOf(dead ?? 0)[0]?.state, 'in_progress');
    const { out, exit } = await slipway(env, 'reap');
    assert.is(exit, 0, out);
    assert.is(github.statusesOf(dead ?? 0)[0]?.state, 'error');
    assert.is(github.statusesOf(living ?? 0)[0]?.state, 'in_progress');
    assert.is(github.statusesOf(foreign ?? 0)[0]?.state, 'in_progress');
    const until = new Date(soon).toISOString();
    assert.match(
      out,
      `deployment ${living} (production) is open, and its run may be alive until ${until}`,
    );
    assert.match((await slipway(env, 'reap')).out, /no orphans; 1 still open, left alone/);
  }),
);

reaping('says success of what was deployed and left to a CI server that never ended it', () =>
  onStage(async ({ slipway, github, access }) => {
    const marker = { ...left(Date.now() - 1000), left: true as const };
    const at = Date.now() - 3_600_000;
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at });
    const log_url = markLink('https://drone.example/1', marker);
    github.addStatus(id, { state: 'in_progress', log_url, at });
    const { out, exit } = await slipway({ ...access, PLUGIN_REPO: repo }, 'reap');
    assert.is(exit, 0, out);
    assert.match(out, /it was deployed, and the CI server that was to say so/);
    assert.is(github.statusesOf(id)[0]?.state, 'success');
  }),
);

reaping('goes by the clock of the forge, whatever this machine says', () =>
  onStage(async ({ slipway, github, access }) => {
    github.clockSkewMs = -7_200_000;
    const at = Date.now() - 8_000_000;
    const payload = payloadMarks(left(Date.now() - 3_600_000));
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at, payload });
    github.addStatus(id, { state: 'in_progress', at });
    const { out } = await slipway({ ...access, PLUGIN_REPO: repo }, 'reap');
    assert.match(out, /no orphans/);
    assert.is(github.statusesOf(id)[0]?.state, 'in_progress');
  }),
);

reaping('needs a token', () =>
  onStage(async ({ slipway }) => {
    const bare = await slipway({ PLUGIN_REPO: repo }, 'reap');
    assert.is(bare.exit, 2);
    assert.match(bare.out, /^ {2}- PLUGIN_GITHUB_TOKEN is required to report to GitHub/m);
    const { out } = await slipway(drone, 'reap');
    assert.match(out, /^ {2}- PLUGIN_GITHUB_TOKEN is required to report to GitHub/m);
    assert.not.match(out, /default|nobody to tell|environment|commit/);
    assert.match((await slipway({}, 'reap')).out, /PLUGIN_REPO is required/);
  }),
);

reaping('asks for what is missing at the forge whose token is there', () =>
  onStage(async ({ slipway }) => {
    const env = { PLUGIN_GITLAB_TOKEN: 'glpat-any', PLUGIN_GITLAB_URL: 'https://git.example' };
    const { out, exit } = await slipway(env, 'reap');
    assert.is(exit, 2);
    assert.match(out, /^ {2}- PLUGIN_REPO is required/m);
    assert.not.match(out, /GitHub/i);
  }),
);

reaping('says once that a repository has no owner', () =>
  onStage(async ({ slipway, access }) => {
    const { out, exit } = await slipway({ ...access, PLUGIN_REPO: 'hello' }, 'reap');
    assert.is(exit, 2);
    assert.is(out.split('PLUGIN_REPO').length, 2, out);
    assert.match(out, /PLUGIN_REPO must be owner\/name, got "hello"; or set owner too/);
  }),
);

reaping.run();
