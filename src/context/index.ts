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

export const detectCi = (env: Facts['env']): CiSystem =>
  ciSystems.find((system) => system.detect(env)) ?? none;
