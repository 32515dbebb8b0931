import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { markLink, payloadMarks } from '../../src/identity.ts';
import { dispatch } from '../../src/verbs/dispatch.ts';
import { deadUrl } from '../support/loopback.ts';
import { drone, onStage, sha } from './stage.ts';

const ending = suite('what a run says');

ending('leads its last line with how it ended, once', () =>
  onStage(async ({ slipway }) => {
    const good = await slipway({ ...drone, PLUGIN_COMMAND: 'true' });
    assert.match(good.out, /^success after \d+s: Deployed/m);
    const bad = await slipway({ ...drone, PLUGIN_COMMAND: 'exit 3' });
    assert.match(bad.out, /^error: ended as failure after \d+s: .*3.*\(slipway exits with 1\)$/m);
  }),
);

ending('says where the new version serves, and nowhere after a failure', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_ENVIRONMENT_URL: 'https://shop.example.com/' };
    const good = await slipway({ ...env, PLUGIN_COMMAND: 'true' });
    assert.match(good.out, /^it serves at https:\/\/shop\.example\.com\/\nsuccess after/m);
    const bad = await slipway({ ...env, PLUGIN_COMMAND: 'false' });
    assert.not.match(bad.out, /it serves at/);
  }),
);

ending('names the setting that would have given it longer', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_COMMAND: 'exec sleep 30', PLUGIN_TIMEOUT: '1s' };
    const { out, exit } = await slipway(env);
    assert.is(exit, 4, out);
    assert.match(out, /^error: ended as timed out after \ds \(timeout\): The command/m);
    assert.is(out.match(/timed out/gi)?.length, 1, out);
  }),
);

ending('ends an echo whose original succeeded as nothing to do', () =>
  onStage(async ({ slipway, github, access }) => {
    const at = Date.now() - 30_000;
    const marks = { key: 'e'.repeat(20), seq: at, expiry: at + 3_600_000, closure: false };
    const payload = payloadMarks(marks);
    const { id } = github.addDeployment({ ref: sha, environment: 'production', at, payload });
    const log_url = markLink('https://drone.example/1', marks);
    github.addStatus(id, { state: 'success', log_url, at });
    const env = { ...drone, ...access, DRONE_DEPLOY_ID: String(id), PLUGIN_COMMAND: 'false' };
    const { out, exit } = await slipway(env);
    assert.is(exit, 0, out);
    assert.match(
      out,
      /^nothing to do after \d+s: The original of this echo, .* ended as success$/m,
    );
  }),
);

ending('gives machines the end as fields, and people no fields', () =>
  onStage(async ({ slipway }) => {
    const env = { ...drone, PLUGIN_COMMAND: 'exit 3' };
    const { out } = await slipway({ ...env, PLUGIN_LOG_FORMAT: 'json' });
    const last = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    const { outcome, exit, run_key, duration_ms, environment, level } = last;
    assert.equal([outcome, exit, environment, level], ['failure', 1, 'production', 'error']);
    assert.match(run_key, /^[0-9a-f]{20}$/);
    assert.type(duration_ms, 'number');
    assert.not.match((await slipway(env)).out, /run_key:/);
  }),
);

ending('answers a signal at once, before the deploy has stopped', () =>
  onStage(async ({ cwd }) => {
    const stopping = new AbortController();
    let out = '';
    const exit = await dispatch({
      argv: [],
      env: { PATH: process.env.PATH, ...drone, PLUGIN_COMMAND: 'echo at work; exec sleep 30' },
      cwd,
      clock: systemClock,
      signal: stopping.signal,
      terminal: false,
      write: (bytes) => {
        out += Buffer.from(bytes).toString();
        if (out.includes('at work')) stopping.abort({ kind: 'signal', name: 'SIGTERM' });
      },
      hear: () => {},
      writeError: (text) => assert.unreachable(text),
    });
    assert.is(exit, 143, out);
    assert.match(out, /at work\nwarning: SIGTERM: stopping, at most 6s\n[\s\S]*ended as cancelled/);
  }),
);

ending(
  'says at debug what was decided and where facts came from, and at trace who answered what',
  () =>
    onStage(async ({ slipway, github, access }) => {
      const env = { ...drone, ...access, PLUGIN_COMMAND: 'true', PLUGIN_CREATE_DEPLOYMENT: 'true' };
      const { out } = await slipway({ ...env, PLUGIN_LOG_LEVEL: 'trace' });
      assert.match(out, /debug: environment +production +\(environment of the drone build\)/);
      assert.match(
        out,
        /debug: github-deployment: open a new deployment or status: this run has none yet/,
      );
      assert.match(out, /trace: POST \S+\/deployments is asked \(bytes: \d+\)/);
      assert.match(
        out,
        /trace: POST \S+\/deployments answered 201 in \d+ ms \(bytes: \d+.*rate limit left: \d+/,
      );
      assert.not.match(out, new RegExp(github.token));
    }),
);

ending('names whom it never reached', () =>
  onStage(async ({ slipway }) => {
    const { out, exit } = await slipway({
      ...drone,
      PLUGIN_COMMAND: 'true',
      PLUGIN_GITHUB_TOKEN: 'ghp_x',
      PLUGIN_GITHUB_API_URL: await deadUrl(),
      PLUGIN_TIMEOUT: '6s',
    });
    assert.is(exit, 4, out);
    assert.match(out, /github-status does not answer yet; trying for up to 40s/);
    assert.match(
      out,
      /ended as timed out after \d+s \(timeout\): \w+ 127.*; github-status was not reached \(slipway exits with 4\)/,
    );
  }),
);

ending('tells a no from silence', () =>
  onStage(async ({ slipway, access }) => {
    const env = { ...drone, ...access, PLUGIN_COMMAND: 'true', PLUGIN_GITHUB_TOKEN: 'ghp_wrong' };
    const { out, exit } = await slipway(env);
    assert.is(exit, 6, out);
    assert.match(out, /answered 401/);
    assert.not.match(out, /reached|heard it/);
  }),
);

ending.run();
