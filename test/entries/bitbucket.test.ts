import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { envName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { head } from '../context/reading.ts';
import { builds } from '../context/recorded/bitbucket.ts';
import { deployed, type Env, play, runPlugin, token } from '../examples/example.ts';
import { fakeBitbucketStatuses } from '../support/bitbucket/bitbucket-statuses.ts';
import { startProxy } from '../support/proxy.ts';
import { secured } from '../support/secured.ts';
import { readEntry, usageIn } from './expand.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const pipe = suite('entries: Bitbucket pipe');
const manifest = parse(readEntry('bitbucket/pipe.yml'));
const names: readonly string[] = manifest.variables.map(({ name }: { name: string }) => name);
const { step } = parse(usageIn('bitbucket/README.md')).pipelines.branches.main[0];
const usage: Env = step.script[0].variables;

/**
 * As Pipelines starts a pipe's container: in the clone, whose path it keeps, with its own variables and the pipe's, in
 * which the shell filled in those of the repository; a secured one of the repository alone does not get there.
 * Bitbucket's address is fixed, so a proxy leads to the one that is played.
 */
async function started(variables: Env, build: Env, fails = false) {
  const forge = await fakeBitbucketStatuses({
    ...{ repo: 'octo/hello', authorization: `Bearer ${token}`, now: Date.now },
    setup: { commits: [{ sha: head }], branches: { main: head } },
  });
  const door = await secured(forge.url, 'api.bitbucket.org');
  const proxy = await startProxy({ hosts: { 'api.bitbucket.org:443': door.host } });
  try {
    const ended = await play(fails, ({ folder }) => {
      const repository: Env = { BITBUCKET_TOKEN: token };
      const filled = Object.entries(variables).map(([name, value = '']) => {
        if (!names.includes(name)) throw new Error(`${name} is no variable of the pipe`);
        return [name, value.replace(/\$(\w+)/g, (_, key) => repository[key] ?? '')];
      });
      return runPlugin(folder, {
        ...build,
        BITBUCKET_CLONE_DIR: folder,
        HOME: '/root',
        HTTPS_PROXY: proxy.url,
        ...Object.fromEntries(filled),
        PLUGIN_CA_CERT: door.cert,
      });
    });
    assert.equal(forge.complaints, []);
    const statuses = forge.taken.map(({ context, state }) => `${context}=${state}`);
    return { ...ended, statuses, requests: forge.requests, asked: new Set(proxy.asked) };
  } finally {
    await Promise.all([proxy.close(), door.close(), forge.close()]);
  }
}

pipe('names every setting, without a default', () => {
  assert.equal(
    names,
    Object.keys(everySetting).map((key) => envName(key)),
  );
  assert.is(step.deployment, builds.deployment.env.BITBUCKET_DEPLOYMENT_ENVIRONMENT);
  for (const variable of manifest.variables) {
    assert.equal(Object.keys(variable), ['name', 'description', 'required']);
  }
});

const context = 'slipway/production';

pipe('deploys as its usage says, and tells Bitbucket', async () => {
  const good = await started(usage, builds.deployment.env);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.equal(good.statuses.at(-1), `${context}=SUCCESSFUL`);
  assert.ok(good.statuses.length > 1, `${good.statuses}`);
  assert.equal(good.asked, new Set(['CONNECT api.bitbucket.org:443']));
  const bad = await started(usage, builds.deployment.env, true);
  assert.equal([bad.code, bad.statuses.at(-1)], [1, `${context}=FAILED`], bad.log);
});

pipe('deploys no pull request', async () => {
  const quiet = await started(usage, builds.pullRequest.env);
  assert.equal([quiet.code, quiet.deployed, quiet.requests], [0, '', []], quiet.log);
});

pipe('deploys without a token, and reports to the log alone', async () => {
  const { PLUGIN_BITBUCKET_TOKEN: _, ...bare } = usage;
  const good = await started(bare, builds.deployment.env);
  assert.equal([good.code, good.deployed, good.requests], [0, deployed, []], good.log);
});

pipe.run();
