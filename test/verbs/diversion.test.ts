import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FakeDiversion, fakeDiversion } from '../support/diversion/fake-diversion.ts';
import { drone, onStage, type Stage } from './stage.ts';

const token = 'tok-4dc1f00dbaadcafe';

type Env = Readonly<Record<string, string>>;

/** A Drone build of a GitHub repository, whose tree comes from Diversion. */
async function withDiversion(
  play: (stage: Stage, env: Env, fake: FakeDiversion) => Promise<void>,
): Promise<void> {
  const fake = await fakeDiversion({ token, files: { 'README.md': 'theirs' } });
  const env = {
    ...drone,
    ...{ PLUGIN_CHECKOUT: 'diversion', PLUGIN_DIVERSION_REPO: 'hello' },
    ...{ PLUGIN_DIVERSION_TOKEN: token, PLUGIN_DIVERSION_API_URL: fake.url },
    PLUGIN_DIVERSION_AUTH_URL: fake.authUrl,
    PLUGIN_COMMAND: 'cat README.md; echo "; $DEPLOY_REPO $DEPLOY_REF $DEPLOY_SHA."',
  };
  try {
    await onStage((stage) => play(stage, env, fake));
    assert.equal(fake.complaints, []);
  } finally {
    await fake.close();
  }
}

const verbs = suite('verbs: checkout: diversion');

verbs("deploys Diversion's tree, and is of its repository and commit", () =>
  withDiversion(async (stage, env) => {
    const outputs = { PLUGIN_OUTPUT_FILE: 'out.json' };
    const { out, exit } = await stage.slipway({ ...env, ...stage.access, ...outputs });
    assert.is(exit, 0, out);
    assert.match(out, 'theirs; hello main dv.commit.1.');
    assert.match(out, /slipway .*: deploy hello to production with command/);
    assert.match(
      out,
      /reports to this log only \(the tree is of Diversion, whose commits no Git forge/,
    );
    assert.match(out, /^diversion_token \(PLUGIN_DIVERSION_TOKEN\) goes to (?:\S+ and )?\S+$/m);
    assert.match(out, /success after .*Deployed dv\.commit\.1 to production/);
    const { readFileSync } = await import('node:fs');
    const told = JSON.parse(readFileSync(`${stage.cwd}/out.json`, 'utf8'));
    assert.is(told.commit, 'dv.commit.1');
    assert.equal(stage.github.requests, []);
    assert.not.match(out, token);
  }),
);

verbs('still tells a deployment of GitHub how it went', () =>
  withDiversion(async (stage, env) => {
    const { id } = stage.github.addDeployment({ ref: 'main', environment: 'production' });
    const adopted = { DRONE_DEPLOY_ID: String(id), PLUGIN_FINAL_STATUS: 'slipway' };
    const { out, exit } = await stage.slipway({ ...env, ...stage.access, ...adopted });
    assert.is(exit, 0, out);
    assert.match(out, 'theirs; hello main dv.commit.1.');
    const states = stage.github.statusesOf(id).map(({ state }) => state);
    assert.equal(states.toReversed(), ['queued', 'in_progress', 'success']);
  }),
);

verbs('reaps what is left open at GitHub by the settings that deploy', () =>
  withDiversion(async (stage, env) => {
    const { out, exit } = await stage.slipway({ ...env, ...stage.access }, 'reap');
    assert.is(exit, 0, out);
    assert.match(out, 'no orphans');
  }),
);

verbs('tells Slack, whose channels know nothing of repositories', () =>
  withDiversion(async (stage, env) => {
    const slack = { PLUGIN_SLACK_TOKEN: 'xoxb-1', PLUGIN_SLACK_CHANNEL: 'deploys' };
    const all = { ...env, ...stage.access, ...slack, PLUGIN_DRY_RUN: 'true' };
    const { out } = await stage.slipway({ ...all, PLUGIN_SLACK_API_URL: 'http://127.0.0.1:9' });
    assert.match(out, /reports to slack/);
  }),
);

const wrong: readonly (readonly [string, Env, RegExp])[] = [
  [
    'reporters that cannot apply',
    { PLUGIN_REPORT: 'github-status' },
    /PLUGIN_REPORT names github-status, and the tree is of Diversion/,
  ],
  ['another repository', { PLUGIN_REPO: 'octo/shop' }, /PLUGIN_REPO is not where the tree is/],
  [
    'a commit of Git',
    { PLUGIN_COMMIT: 'c'.repeat(40) },
    /PLUGIN_COMMIT is of Git; with checkout: diversion/,
  ],
  [
    'two commits',
    { PLUGIN_COMMIT: 'dv.commit.1', PLUGIN_DIVERSION_REF: 'dv.commit.2' },
    /PLUGIN_COMMIT is not "dv\.commit\.2", as diversion_ref is: leave one of them out/,
  ],
  [
    'two branches',
    { PLUGIN_REF: 'side', PLUGIN_DIVERSION_REF: 'main' },
    /PLUGIN_REF is not "main", as diversion_ref is/,
  ],
  ['a place for a repository', { PLUGIN_DIVERSION_REPO: '..' }, /PLUGIN_DIVERSION_REPO must be/],
  [
    'an address that paths cannot be put behind',
    { PLUGIN_DIVERSION_API_URL: 'https://a.example/v0?key=1' },
    /PLUGIN_DIVERSION_API_URL must be .* without a user, a password or a query/,
  ],
  ['no token', { PLUGIN_DIVERSION_TOKEN: '' }, /DIVERSION_TOKEN/],
  [
    'a commit of Diversion without it',
    { PLUGIN_CHECKOUT: 'workspace', PLUGIN_COMMIT: 'dv.commit.1' },
    /PLUGIN_COMMIT is a commit of Diversion, which needs checkout: diversion/,
  ],
];
for (const [what, more, says] of wrong) {
  verbs(`refuses ${what}, and names the setting`, () =>
    withDiversion(async (stage, env) => {
      const { out, err, exit } = await stage.slipway({ ...env, ...stage.access, ...more });
      assert.is(exit, 2, out + err);
      assert.match(out + err, says);
    }),
  );
}

verbs('takes a commit of its own where the author writes one', () =>
  withDiversion(async (stage, env, fake) => {
    fake.repo.commit({ 'README.md': 'newer' });
    for (const more of [
      { PLUGIN_COMMIT: 'dv.commit.1' },
      { PLUGIN_DIVERSION_REF: 'dv.commit.1' },
    ]) {
      const { out } = await stage.slipway({ ...env, ...more });
      assert.match(out, 'theirs; hello  dv.commit.1.');
    }
    const { out } = await stage.slipway({ ...env, PLUGIN_REF: 'main' });
    assert.match(out, 'newer; hello main dv.commit.2.');
  }),
);

verbs('says what it would do, and checks the token and the repository', () =>
  withDiversion(async (stage, env) => {
    const { out, exit } = await stage.slipway(env, 'check');
    assert.is(exit, 0, out);
    assert.match(out, /fetch the tree of hello at its default branch from Diversion by its API/);
    assert.match(out, /works: dv\.commit\.1, where branch main is, of hello can be read/);
    const bad = await stage.slipway({ ...env, PLUGIN_DIVERSION_TOKEN: 'not-the-token' }, 'check');
    assert.is(bad.exit, 6, bad.out);
    assert.match(bad.out, /FAILS: .*PLUGIN_DIVERSION_TOKEN is wrong, expired or revoked/);
    const rehearsed = await stage.slipway({ ...env, PLUGIN_DRY_RUN: 'true' });
    assert.is(rehearsed.exit, 0, rehearsed.out);
  }),
);

verbs('ends with 6 and deploys nothing where the token does not work', () =>
  withDiversion(async (stage, env) => {
    const { out, exit } = await stage.slipway({ ...env, PLUGIN_DIVERSION_TOKEN: 'not-the-token' });
    assert.is(exit, 6, out);
    assert.not.match(out, 'theirs');
  }),
);

verbs('says that nothing is fetched for a target that deploys no tree', () =>
  withDiversion(async (stage, env, fake) => {
    const other = { PLUGIN_TARGET: 'webhook', PLUGIN_WEBHOOK_URL: 'http://127.0.0.1:9/deploy' };
    const rehearsal = { ...env, ...other, PLUGIN_COMMAND: '', PLUGIN_DRY_RUN: 'true' };
    const { out } = await stage.slipway(rehearsal);
    assert.match(out, 'checkout: diversion fetches nothing: webhook deploys no tree');
    assert.equal(fake.exchanges, []);
  }),
);

verbs.run();
