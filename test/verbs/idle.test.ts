import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drone, onStage, repo, sha } from './stage.ts';

const idle = suite('settings of parts that a run does not have');
const plain = {
  ...{ PLUGIN_COMMAND: 'true', PLUGIN_ENVIRONMENT: 'production' },
  ...{ PLUGIN_REPO: repo, PLUGIN_COMMIT: sha },
};
const warnings = (out: string): readonly string[] =>
  out.split('\n').filter((line) => / no effect: /.test(line));

/** Nobody is asked: the verb is check. */
const byWebhook = { TARGET: 'webhook', WEBHOOK_URL: 'https://deploys.example.com/', COMMAND: '' };

idle('are warned of, with what they lack', () =>
  onStage(async ({ slipway }) => {
    for (const [written, text] of [
      [{ SLACK_CHANNEL: 'C0DEPLOYS1' }, 'slack_channel has no effect: no slack_token'],
      [
        { GITEA_TOKEN: 'secret-of-gitea' },
        'gitea_token has no effect: nothing says that the repository is on Gitea: set gitea_url',
      ],
      [
        { BITBUCKET_USERNAME: 'ann@acme.example' },
        'bitbucket_username has no effect: no bitbucket_token: bitbucket_username is set, and bitbucket_app_password is not',
      ],
      [
        { DIVERSION_TOKEN: 'secret-of-dv', DIVERSION_REPO: 'hello' },
        'diversion_token, diversion_repo have no effect: checkout is workspace',
      ],
      [
        { CHECKOUT: 'diversion', DIVERSION_REPO: 'hello', ...byWebhook },
        'diversion_repo has no effect: the target deploys no tree',
      ],
      [
        { TARGET: 'command', DIVIO_ENVIRONMENT: 'live' },
        'divio_environment has no effect: the target is command',
      ],
    ] as const) {
      const own = Object.entries(written).map(([name, value]) => [`PLUGIN_${name}`, value]);
      const env = { ...plain, ...Object.fromEntries(own) };
      const verbs = 'WEBHOOK_URL' in written ? ['check'] : ['deploy', 'check'];
      for (const verb of verbs) {
        const { out, exit } = await slipway(env, verb);
        assert.is(exit, 0, out);
        assert.equal(warnings(out), [`warning: ${text}`]);
        assert.not.match(out, /secret-of/);
      }
    }
  }),
);

idle('are left alone where they may be for other repositories, or are used', () =>
  onStage(async ({ slipway, access }) => {
    const tokens = { PLUGIN_GITLAB_TOKEN: 'glpat-of-others', PLUGIN_GITEA_TOKEN: 'of-others' };
    for (const env of [
      { ...drone, ...access, ...tokens, PLUGIN_COMMAND: 'true' },
      { ...plain, ...access, PLUGIN_PRODUCTION_ENVIRONMENT: 'true' },
      { ...plain, GITLAB_TOKEN: 'glpat-of-others' },
      { ...plain, ...tokens, PLUGIN_REPORT: 'none' },
    ]) {
      const { out, exit } = await slipway(env, 'check');
      assert.is(exit, 0, out);
      assert.equal(warnings(out), []);
    }
  }),
);

idle('are not shown by check with their defaults', () =>
  onStage(async ({ slipway }) => {
    const { out } = await slipway(plain, 'check');
    assert.match(out, /^ {2}heartbeat +1m +\(default\)$/m);
    assert.not.match(out, /^ {2}(?:slack|diversion|divio|spinnaker|final_status|settle)/m);
    const asked = await slipway({ ...plain, PLUGIN_SLACK_ON: 'failure' }, 'check');
    assert.match(asked.out, /^ {2}slack_on +failure +\(PLUGIN_SLACK_ON\)$/m);
  }),
);

idle('make a reap say what its credential lacks', () =>
  onStage(async ({ slipway }) => {
    const env = { PLUGIN_REPO: repo, PLUGIN_BITBUCKET_TOKEN: 'secret-of-bitbucket' };
    const { out, exit } = await slipway(env, 'reap');
    assert.is(exit, 2, out);
    assert.match(out, /on Bitbucket Cloud: name bitbucket in report/);
    assert.not.match(out, /GITHUB_TOKEN/);
  }),
);

idle.run();
