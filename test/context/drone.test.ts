import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drone } from '../../src/context/drone.ts';
import { detectCi } from '../../src/context/index.ts';
import { contextWith, head, read } from './reading.ts';
import { builds } from './recorded/drone.ts';

const Drone = suite('context: drone');

const promotion = contextWith('drone', {
  host: 'drone.example.com',
  repo: 'octo/hello',
  repoUrl: 'https://github.com/octo/hello',
  forge: 'github',
  commit: head,
  ref: 'main',
  event: 'promote',
  environment: 'production',
  status: 'success',
  execution: '42',
  createdAt: 1_795_258_800_000,
  buildUrl: 'https://drone.example.com/octo/hello/42',
  stepUrl: 'https://drone.example.com/octo/hello/42/1/3',
  actor: 'hubot',
  workspace: '/drone/src',
  postsTerminal: true,
  openEnvironment: true,
  emptyMeansMissing: true,
});

Drone('reads a promotion in the UI, whose deployment id 0 means none', () => {
  assert.equal(read(drone, builds.promoteInUi), promotion);
});

const byHook = {
  ...promotion,
  repoUrl: 'https://ghe.example.com/octo/hello',
  ref: undefined,
  deploymentId: '87972451',
  startedByForge: true,
  execution: '43',
  buildUrl: 'https://drone.example.com/octo/hello/43',
  stepUrl: 'https://drone.example.com/octo/hello/43/1/3',
  actor: 'mona',
};

Drone('reads a promotion by GitHub whose ref is a sha, on a GitHub of whatever host', () => {
  assert.equal(read(drone, builds.promoteByHook), byHook);
});

Drone('reads a promotion by GitHub of a branch', () => {
  assert.equal(read(drone, builds.promoteByHookOfBranch), { ...byHook, ref: 'main' });
});

Drone('reads a restart, which keeps event, target and deployment', () => {
  assert.equal(read(drone, builds.restart), {
    ...byHook,
    execution: '44',
    createdAt: 1_795_262_400_000,
    buildUrl: 'https://drone.example.com/octo/hello/44',
    stepUrl: 'https://drone.example.com/octo/hello/44/1/3',
    actor: 'hubot',
  });
});

Drone('reads a rollback, and a failed stage in a build that still says success', () => {
  assert.equal(read(drone, builds.rollback), {
    ...promotion,
    event: 'rollback',
    task: 'rollback',
    status: 'failure',
    execution: '45',
    buildUrl: 'https://drone.example.com/octo/hello/45',
    stepUrl: 'https://drone.example.com/octo/hello/45/1/3',
  });
});

Drone('names the source branch of a promoted pull request, not its target', () => {
  assert.equal(read(drone, builds.promoteOfPullRequest), { ...promotion, ref: 'feature/login' });
});

Drone('does not deploy a push, and names who pushed instead of the hook', () => {
  const { event, deploys, environment, actor } = read(drone, builds.push);
  assert.equal(
    { event, deploys, environment, actor },
    {
      event: 'push',
      deploys: false,
      environment: undefined,
      actor: 'mona',
    },
  );
});

Drone('knows nobody behind a cron build', () => {
  const { actor, deploys, event } = read(drone, builds.cron);
  assert.equal({ actor, deploys, event }, { actor: undefined, deploys: false, event: 'cron' });
});

Drone('reads a pull request at its head', () => {
  const { commit, ref, isPullRequest, deploys } = read(drone, builds.pullRequest);
  assert.equal(
    { commit, ref, isPullRequest, deploys },
    {
      commit: head,
      ref: 'feature/login',
      isPullRequest: true,
      deploys: false,
    },
  );
});

Drone('reads a tag', () => {
  assert.is(read(drone, builds.tag).ref, 'v1');
});

Drone('knows neither build nor commit under drone exec', () => {
  assert.equal(
    read(drone, builds.exec),
    contextWith('drone', {
      event: 'promote',
      environment: 'staging',
      status: 'success',
      postsTerminal: true,
      openEnvironment: true,
      emptyMeansMissing: true,
    }),
  );
});

Drone('says nothing of the forge behind a host of its own', () => {
  const env = { ...builds.push.env, DRONE_REPO_LINK: 'https://git.example.com/octo/hello' };
  assert.is(read(drone, { env }).forge, undefined);
});

Drone('stays Drone whatever a promotion sets', () => {
  assert.is(detectCi(builds.disguised.env).id, 'drone');
  assert.equal(read(drone, builds.disguised), promotion);
});

Drone.run();
