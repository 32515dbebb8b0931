import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { detectCi } from '../../src/context/index.ts';
import { woodpecker } from '../../src/context/woodpecker.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/woodpecker.ts';

const Woodpecker = suite('context: woodpecker');

const byHook = contextWith('woodpecker', {
  host: 'ci.example.com',
  repo: 'octo/hello',
  repoUrl: 'https://ghe.example.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'deployment',
  environment: 'production',
  task: 'deploy',
  deploymentId: '87972451',
  startedByForge: true,
  status: 'success',
  execution: '61',
  createdAt: 1_795_258_800_000,
  buildUrl: 'https://ci.example.com/repos/3/pipeline/61',
  stepUrl: 'https://ci.example.com/repos/3/pipeline/61/2',
  actor: 'hubot',
  workspace: '/woodpecker/src/ghe.example.com/octo/hello',
  postsTerminal: true,
  openEnvironment: true,
});

Woodpecker('reads a deployment by the forge, whose id ends the forge link', () => {
  assert.equal(read(woodpecker, builds.byHook), byHook);
});

const byCli = { ...byHook, deploymentId: undefined, startedByForge: false };

Woodpecker('reads a deployment by the command line, which has no id', () => {
  assert.equal(read(woodpecker, builds.byCli), byCli);
});

for (const url of [
  'https://ghe.example.com/octo/deployments/5/x',
  'https://ghe.example.com/octo/hello/deployments/',
  'https://ghe.example.com/octo/hello/deployments/12?x=1',
  'ftp://ghe.example.com/octo/hello/deployments/12',
  'octo/hello/deployments/12',
  'https://ghe.example.com/octo/hello/deployments/0',
]) {
  Woodpecker(`finds no deployment id in ${url}`, () => {
    const env = { ...builds.byHook.env, CI_PIPELINE_FORGE_URL: url };
    assert.is(read(woodpecker, { env }).deploymentId, undefined);
  });
}

Woodpecker('finds no deployment in the link of a push to a repository called deployments', () => {
  const env = {
    ...builds.push.env,
    CI_PIPELINE_FORGE_URL: 'https://git.example.com/octo/deployments/12',
  };
  const { deploymentId, startedByForge, deploys, environment } = read(woodpecker, { env });
  assert.equal(
    { deploymentId, startedByForge, deploys, environment },
    {
      deploymentId: undefined,
      startedByForge: false,
      deploys: false,
      environment: undefined,
    },
  );
});

Woodpecker('does not take a pull request’s target for the ref of its deployment', () => {
  assert.equal(read(woodpecker, builds.byCliOfPullRequest), { ...byCli, ref: undefined });
});

for (const [build, status] of [
  ['failed', 'failure'],
  ['killed', 'cancelled'],
  ['canceled', 'cancelled'],
  ['running', undefined],
] as const) {
  Woodpecker(`reads ${status} although Drone’s variable says success (${build})`, () => {
    assert.is(read(woodpecker, builds[build]).status, status);
  });
}

Woodpecker('reads a pull request at its head', () => {
  const { commit, ref, isPullRequest, deploys, forge } = read(woodpecker, builds.pullRequest);
  assert.equal(
    { commit, ref, isPullRequest, deploys, forge },
    {
      commit: head,
      ref: 'feature/login',
      isPullRequest: true,
      deploys: false,
      forge: 'gitea',
    },
  );
});

Woodpecker('knows no forge of an unknown type', () => {
  const env = { ...builds.byHook.env, CI_FORGE_TYPE: 'constructor' };
  assert.is(read(woodpecker, { env }).forge, undefined);
});

Woodpecker('reads a tag', () => {
  const { ref, forge } = read(woodpecker, builds.tag);
  assert.equal({ ref, forge }, { ref: 'v1', forge: 'bitbucket-dc' });
});

Woodpecker('reads what its local runner says', () => {
  assert.ok(woodpecker.detect(builds.exec.env));
  assert.equal(
    read(woodpecker, builds.exec),
    contextWith('woodpecker', {
      host: 'laptop.example.com',
      repoUrl: 'https://codeberg.org/octo/hello',
      forge: 'gitea',
      ref: 'main',
      event: 'deployment',
      postsTerminal: true,
      openEnvironment: true,
    }),
  );
});

Woodpecker('stays Woodpecker whatever a deployment sets', () => {
  assert.is(detectCi(builds.disguised.env).id, 'woodpecker');
});

Woodpecker.run();
