import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markLink, payloadMarks } from '../../src/identity.ts';
import { drone, onStage, repo, sha, writesTo } from './stage.ts';

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

checking.run();

const reaping = suite('reap');

const left = (expiry: number) => ({
  key: 'e'.repeat(20),
  seq: 1_700_000_000_000,
  expiry,
  closure: false,
});

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
    const [dead, living, foreign] = [Date.now() - 1000, Date.now() + 600_000, undefined].map(plant);
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
    assert.match((await slipway(env, 'reap')).out, /no orphans/);
  }),
);

reaping('needs a token', () =>
  onStage(async ({ slipway }) => {
    assert.is((await slipway({ PLUGIN_REPO: repo }, 'reap')).exit, 2);
  }),
);

reaping.run();
