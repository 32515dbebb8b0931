import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { envName } from '../../src/settings/define.ts';
import { everySetting } from '../../src/verbs/owners.ts';
import { builds } from '../context/recorded/bitbucket.ts';
import { deployed, type Env, page, play, runPlugin, token } from '../examples/example.ts';
import { readEntry, usageIn } from './expand.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const pipe = suite('entries: Bitbucket pipe');
const manifest = parse(readEntry('bitbucket/pipe.yml'));
const names: readonly string[] = manifest.variables.map(({ name }: { name: string }) => name);
const usage: Env = parse(usageIn('bitbucket/pipe.yml')).script[0].variables;

/**
 * As Pipelines starts a pipe's container: in the clone, whose path it keeps, with its own variables and the pipe's, in
 * which the shell filled in those of the repository; a secured one of the repository alone does not get there.
 */
const started = (variables: Env, build: Env, fails = false) =>
  play(fails, ({ github, folder }) => {
    const repository: Env = { GITHUB_TOKEN: token };
    const filled = Object.entries(variables).map(([name, value = '']) => {
      if (!names.includes(name)) throw new Error(`${name} is no variable of the pipe`);
      return [name, value.replace(/\$(\w+)/g, (_, key) => repository[key] ?? '')];
    });
    return runPlugin(folder, {
      ...build,
      BITBUCKET_CLONE_DIR: folder,
      HOME: '/root',
      ...Object.fromEntries(filled),
      PLUGIN_GITHUB_API_URL: github.url,
    });
  });

pipe('names every setting, without a default', () => {
  assert.equal(
    names,
    Object.keys(everySetting).map((key) => envName(key)),
  );
  for (const variable of manifest.variables) {
    assert.equal(Object.keys(variable), ['name', 'description', 'required']);
  }
});

pipe('deploys as its usage says', async () => {
  assert.equal(
    Object.keys(usage).filter((name) => !names.includes(name)),
    [],
  );
  assert.is(usage.PLUGIN_BITBUCKET_TOKEN, '$BITBUCKET_TOKEN');
  // The repository has no such variable here, so the log alone is told.
  const good = await started(usage, builds.deployment.env);
  assert.equal([good.code, good.deployed, good.requests], [0, deployed, 0], good.log);
  const bad = await started(usage, builds.deployment.env, true);
  assert.is(bad.code, 1, bad.log);
  const quiet = await started(usage, builds.pullRequest.env);
  assert.equal([quiet.code, quiet.deployed], [0, ''], quiet.log);
});

pipe('reports with a token of the repository', async () => {
  const variables = {
    ...usage,
    PLUGIN_REPORT: 'github-deployment',
    PLUGIN_GITHUB_TOKEN: '$GITHUB_TOKEN',
  };
  const good = await started(variables, builds.deployment.env);
  assert.equal([good.code, good.deployed], [0, deployed], good.log);
  assert.is(good.story, 'queued in_progress success');
  assert.is(good.last?.environmentUrl, page);
});

pipe.run();
