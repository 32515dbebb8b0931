import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { selfSigned } from '../support/certificate.ts';
import { fakeGitlab } from '../support/gitlab/fake-gitlab.ts';
import { serveTls } from '../support/loopback.ts';
import { archiveOf } from '../support/tarball.ts';
import { drone, onStage, otherSha, repo, type Stage, sha, writesTo } from './stage.ts';

const files = {
  'README.md': 'hello',
  'bin/deploy': { mode: 0o755, body: '#!/bin/sh\necho "deployed $1"\n' },
  'lib/link': { flag: '2', target: '../README.md' },
};
const listing = 'find . | sort; cat lib/link; echo; bin/deploy "$DEPLOY_SHA"';

/** What a Kubernetes Job has: no CI system, no workspace. */
async function inJob(
  play: (
    stage: Stage & { readonly env: Readonly<Record<string, string>>; left(): readonly string[] },
  ) => Promise<void>,
): Promise<void> {
  await onStage(async (stage) => {
    const scratch = join(stage.cwd, 'scratch');
    mkdirSync(scratch);
    stage.github.putArchive(sha, archiveOf(files, { sha }));
    const env = {
      ...stage.access,
      TMPDIR: scratch,
      PLUGIN_REPO: repo,
      PLUGIN_ENVIRONMENT: 'production',
      PLUGIN_COMMIT: sha,
      PLUGIN_CHECKOUT: 'archive',
      PLUGIN_COMMAND: listing,
    };
    await play({ ...stage, env, left: () => readdirSync(scratch) });
  });
}

const deploying = suite('checkout: archive');

deploying('deploys from the tree of the commit, and leaves nothing of it', () =>
  inJob(async ({ slipway, github, env, left }) => {
    const { out, exit } = await slipway(env);
    assert.is(exit, 0, out);
    const listed = ['.', './README.md', './bin', './bin/deploy', './lib', './lib/link', 'hello'];
    assert.match(out, `\n${listed.join('\n')}\ndeployed ${sha}\n`);
    assert.match(out, `fetching the tree of ${repo} on 127.0.0.1`);
    assert.match(out, /the tree has 2 files/);
    assert.equal(left(), []);
    const states = github.statusesOf(github.deployments[0]?.id ?? 0).map(({ state }) => state);
    assert.equal(states, ['success', 'in_progress', 'queued']);
    assert.is(github.downloads.length, 1);
  }),
);

deploying('leaves nothing when the command fails either', () =>
  inJob(async ({ slipway, env, left }) => {
    const { exit } = await slipway({ ...env, PLUGIN_COMMAND: 'touch made; mkdir -m 0 x; exit 3' });
    assert.is(exit, 1);
    assert.equal(left(), []);
  }),
);

deploying('deploys the tree of the deployment that it adopts, whatever CI has checked out', () =>
  inJob(async ({ slipway, github, env }) => {
    github.putArchive(otherSha, archiveOf({ 'other.txt': '' }, { sha: otherSha }));
    const at = Date.now() - 60_000;
    const { id } = github.addDeployment({ ref: otherSha, environment: 'production', at });
    const { PLUGIN_COMMIT: _, ...without } = env;
    const promotion = { ...drone, ...without, DRONE_DEPLOY_ID: String(id) };
    const { out, exit } = await slipway({ ...promotion, PLUGIN_COMMAND: 'ls' });
    assert.is(exit, 0, out);
    assert.match(out, /^other\.txt$/m);
  }),
);

deploying('ends as an error, with the reason, when the commit is not there', () =>
  inJob(async ({ slipway, github, env, left }) => {
    github.fail({ path: /^\/codeload\//, do: { status: 404, body: '404: Not Found' } });
    const { out, exit } = await slipway(env);
    assert.is(exit, 6, out);
    assert.not.match(out, /^deployed/m);
    assert.match(
      out,
      new RegExp(`ended as error.*commit ${sha}.*contents: read.*\\(slipway exits with 6\\)`),
    );
    const [latest] = github.statusesOf(github.deployments[0]?.id ?? 0);
    assert.is(latest?.state, 'error');
    assert.equal(left(), []);
  }),
);

deploying('ends as an error when the archive is of another commit', () =>
  inJob(async ({ slipway, github, env }) => {
    github.putArchive(sha, archiveOf(files, { sha: otherSha }));
    const { out, exit } = await slipway(env);
    assert.is(exit, 1, out);
    assert.not.match(out, /^deployed/m);
    assert.match(out, `The archive is of commit ${otherSha}, and not of ${sha}`);
  }),
);

deploying('tells in a dry run what it would fetch, and fetches nothing', () =>
  inJob(async ({ slipway, github, env, left }) => {
    const { out, exit } = await slipway({ ...env, PLUGIN_DRY_RUN: 'true' });
    assert.is(exit, 0, out);
    assert.match(out, new RegExp(`\\d\\. fetch the tree of ${repo} on .* at ${sha} as an archive`));
    assert.is(github.downloads.length, 0);
    assert.equal(writesTo(github), []);
    assert.equal(left(), []);
  }),
);

deploying('is checked by one read of the commit', () =>
  inJob(async ({ slipway, github, env }) => {
    const folder = { ...env, PLUGIN_WORKDIR: 'lib' };
    const { out, exit } = await slipway(folder, 'check');
    assert.is(exit, 0, out);
    assert.match(out, `works: commit ${sha.slice(0, 8)} of ${repo} can be read`);
    assert.match(out, /not provable: whether lib is in the tree shows when the tree is fetched/);
    assert.match(out, /github_token \(PLUGIN_GITHUB_TOKEN\) goes to 127\.0\.0\.1/);
    const unknown = await slipway({ ...env, PLUGIN_COMMIT: 'e'.repeat(40) }, 'check');
    assert.is(unknown.exit, 6, unknown.out);
    assert.match(unknown.out, /FAILS: .*commits\/e{40}/);
    assert.is(github.downloads.length, 0);
  }),
);

deploying('needs a commit and a token, and says both before it deploys', () =>
  inJob(async ({ slipway, github, env }) => {
    const { PLUGIN_COMMIT: _, PLUGIN_GITHUB_TOKEN: __, ...without } = env;
    const bare = await slipway({ ...without, PLUGIN_COMMIT: sha });
    assert.is(bare.exit, 2);
    assert.match(bare.out, /PLUGIN_GITHUB_TOKEN is required to fetch the tree from GitHub/);
    const { exit, out } = await slipway({ ...without, PLUGIN_GITHUB_TOKEN: github.token });
    assert.is(exit, 2);
    assert.match(out, /PLUGIN_COMMIT is required to fetch the tree at it/);
    assert.is(writesTo(github).length, 0);
  }),
);

deploying('fetches nothing for a target that deploys no tree', () =>
  inJob(async ({ slipway, github, env }) => {
    const { PLUGIN_COMMAND: _, ...without } = env;
    const webhook = { ...without, PLUGIN_WEBHOOK_URL: 'http://127.0.0.1:9/x' };
    const { out } = await slipway({ ...webhook, PLUGIN_DRY_RUN: 'true' });
    assert.not.match(out, /fetch the tree/);
    assert.is(github.downloads.length, 0);
  }),
);

deploying('fetches from GitLab, to which its token goes and no other', async () => {
  const token = 'glpat-0123456789';
  const gitlab = await fakeGitlab('group/sub/shop', token);
  gitlab.put(sha, archiveOf(files, { sha }));
  await inJob(async ({ slipway, github, env, left }) => {
    const { out, exit } = await slipway({
      ...env,
      PLUGIN_REPO: 'group/sub/shop',
      PLUGIN_GITLAB_TOKEN: token,
      PLUGIN_GITLAB_URL: gitlab.url,
      PLUGIN_REPORT: 'none',
    });
    assert.is(exit, 0, out);
    assert.match(out, `gitlab_token (PLUGIN_GITLAB_TOKEN) goes to ${gitlab.host}`);
    assert.not.match(out, token);
    assert.match(out, `deployed ${sha}`);
    assert.is(github.requests.length, 0);
    assert.equal(left(), []);
  });
  assert.equal(gitlab.complaints, []);
  await gitlab.close();
});

deploying('fetches by TLS with a private CA', async () => {
  const { key, cert } = selfSigned();
  const tree = archiveOf(files, { sha });
  const server = await serveTls({ key, cert }, (_, response) => response.end(tree));
  await inJob(async ({ slipway, env }) => {
    const { out, exit } = await slipway({
      ...env,
      PLUGIN_GITEA_URL: server.url,
      PLUGIN_CA_CERT: cert,
      PLUGIN_REPORT: 'none',
    });
    assert.is(exit, 0, out);
    assert.match(out, `deployed ${sha}`);
  });
  await server.close();
});

deploying.run();
