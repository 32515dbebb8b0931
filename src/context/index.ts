import type { Fault } from '../errors.ts';
import { azure } from './azure.ts';
import { bitbucket } from './bitbucket.ts';
import { buildkite } from './buildkite.ts';
import { circleci } from './circleci.ts';
import type { CiSystem, Facts } from './context.ts';
import { drone } from './drone.ts';
import { giteaActions } from './gitea-actions.ts';
import { githubActions } from './github-actions.ts';
import { gitlab } from './gitlab.ts';
import { harness } from './harness.ts';
import { jenkins } from './jenkins.ts';
import { none } from './none.ts';
import { spinnaker } from './spinnaker.ts';
import { travis } from './travis.ts';
import { woodpecker } from './woodpecker.ts';

/**
 * The first that detects itself wins.
 * Where whoever promotes may set any variable, no variable may turn the build into another system's and
 * so open its environment: those three come first, and each looks at what a promotion cannot change.
 * Harness and Woodpecker also set Drone's names, Gitea also sets GitHub's.
 */
export const ciSystems: readonly CiSystem[] = [
  woodpecker,
  harness,
  drone,
  spinnaker,
  giteaActions,
  githubActions,
  gitlab,
  travis,
  circleci,
  bitbucket,
  buildkite,
  azure,
  jenkins,
  none,
];

/** Each sets what the others never do, so somebody who could add variables has added one of the two. */
const contradictions: readonly (readonly [string, (env: Facts['env']) => boolean])[] = [
  ['CI=woodpecker', (env) => env.CI === 'woodpecker'],
  ['CI_SYSTEM_NAME=woodpecker', (env) => env.CI_SYSTEM_NAME === 'woodpecker'],
  ['DRONE_SYSTEM_VERSION', (env) => Boolean(env.DRONE_SYSTEM_VERSION)],
  ['DRONE_DEPLOY_ID', (env) => Boolean(env.DRONE_DEPLOY_ID)],
];

/** Why the variables cannot all be a CI server's own: then none of them is believed. */
export function impostorIn(env: Facts['env']): Fault | undefined {
  const other = contradictions.find(([, stands]) => stands(env))?.[0];
  if (!env.HARNESS_BUILD_ID || !other) return undefined;
  const message = `is Harness's, and ${other} is another CI server's: somebody added one of them to this build, so neither is believed`;
  return { name: 'HARNESS_BUILD_ID', message };
}

export const detectCi = (env: Facts['env']): CiSystem =>
  ciSystems.find((system) => system.detect(env)) ?? none;
