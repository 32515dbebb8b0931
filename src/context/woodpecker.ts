import { statusOf } from './build-status.ts';
import { msOfSeconds } from './build-time.ts';
import { type Context, defineCi } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { isPullRef } from './git-names.ts';
import { hostOf } from './repo-url.ts';

const forges = new Map<string, Context['forge']>([
  ['github', 'github'],
  ['gitlab', 'gitlab'],
  ['gitea', 'gitea'],
  ['forgejo', 'gitea'],
  ['bitbucket', 'bitbucket'],
  ['bitbucket_dc', 'bitbucket-dc'],
]);

/** It sets Drone's names too, but for plugins only and not all true: DRONE_BUILD_STATUS always says success. */
export const woodpecker = defineCi({
  id: 'woodpecker',
  docs: 'https://woodpecker-ci.org/docs/usage/environment',
  variables: [
    'CI',
    'CI_COMMIT_AUTHOR',
    'CI_COMMIT_BRANCH',
    'CI_COMMIT_REF',
    'CI_COMMIT_SHA',
    'CI_COMMIT_SOURCE_BRANCH',
    'CI_FORGE_TYPE',
    'CI_PIPELINE_AUTHOR',
    'CI_PIPELINE_CREATED',
    'CI_PIPELINE_DEPLOY_TARGET',
    'CI_PIPELINE_DEPLOY_TASK',
    'CI_PIPELINE_EVENT',
    'CI_PIPELINE_FORGE_URL',
    'CI_PIPELINE_NUMBER',
    'CI_PIPELINE_STATUS',
    'CI_PIPELINE_URL',
    'CI_REPO',
    'CI_REPO_URL',
    'CI_STEP_URL',
    'CI_SYSTEM_HOST',
    'CI_SYSTEM_NAME',
    'CI_SYSTEM_URL',
    'CI_WORKSPACE',
    'DRONE',
  ],
  // On Drone a promotion's parameters could set CI_SYSTEM_NAME, but neither CI nor DRONE.
  detect: (first) =>
    first('CI') === 'woodpecker' || (first('CI_SYSTEM_NAME') === 'woodpecker' && !first('DRONE')),
  read: (first) => {
    const event = first('CI_PIPELINE_EVENT');
    const ref = first('CI_COMMIT_REF');
    const number = first('CI_PIPELINE_NUMBER');
    const id = event === 'deployment' ? idIn(first('CI_PIPELINE_FORGE_URL')) : undefined;
    return {
      host: first('CI_SYSTEM_HOST') ?? hostOf(first('CI_SYSTEM_URL')),
      repo: first('CI_REPO'),
      repoUrl: first('CI_REPO_URL'),
      forge: forges.get(first('CI_FORGE_TYPE') ?? '') ?? forgeAt(first('CI_REPO_URL')),
      commit: first('CI_COMMIT_SHA'),
      // CI_COMMIT_BRANCH is what a pull request goes into, also where such a pipeline is deployed.
      ref: isPullRef(ref) ? first('CI_COMMIT_SOURCE_BRANCH') : (ref ?? first('CI_COMMIT_BRANCH')),
      event,
      isPullRequest: event?.startsWith('pull_request') ?? false,
      deploys: event === 'deployment',
      environment: first('CI_PIPELINE_DEPLOY_TARGET'),
      task: first('CI_PIPELINE_DEPLOY_TASK'),
      deploymentId: id,
      startedByForge: id !== undefined,
      status: statusOf(first('CI_PIPELINE_STATUS')),
      execution: number === '0' ? undefined : number,
      createdAt: msOfSeconds(first('CI_PIPELINE_CREATED')),
      buildUrl: first('CI_PIPELINE_URL'),
      stepUrl: first('CI_STEP_URL'),
      actor: first('CI_PIPELINE_AUTHOR', 'CI_COMMIT_AUTHOR'),
      workspace: first('CI_WORKSPACE'),
      postsTerminal: true,
      openEnvironment: true,
    };
  },
});

/** The forge's hook leaves the deployment's API address; a deployment by hand leaves its commit's page. */
const idIn = (url: string | undefined): string | undefined =>
  /^https?:\/\/\S+\/deployments\/(\d+)$/.exec(url ?? '')?.[1];
