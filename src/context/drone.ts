import { statusOf } from './build-status.ts';
import { msOfSeconds } from './build-time.ts';
import { defineCi } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { isPullRef } from './git-names.ts';

export const drone = defineCi({
  id: 'drone',
  docs: 'https://docs.drone.io/pipeline/environment/reference/',
  variables: [
    'DRONE',
    'DRONE_BRANCH',
    'DRONE_BUILD_CREATED',
    'DRONE_BUILD_EVENT',
    'DRONE_BUILD_LINK',
    'DRONE_BUILD_NUMBER',
    'DRONE_BUILD_STATUS',
    'DRONE_BUILD_TRIGGER',
    'DRONE_COMMIT_AUTHOR',
    'DRONE_COMMIT_REF',
    'DRONE_COMMIT_SHA',
    'DRONE_DEPLOY_ID',
    'DRONE_DEPLOY_TO',
    'DRONE_REPO',
    'DRONE_REPO_LINK',
    'DRONE_SOURCE_BRANCH',
    'DRONE_STAGE_NUMBER',
    'DRONE_STAGE_STATUS',
    'DRONE_STEP_NUMBER',
    'DRONE_SYSTEM_HOST',
    'DRONE_WORKSPACE',
  ],
  detect: (first) => first('DRONE') === 'true',
  read: (first) => {
    const event = first('DRONE_BUILD_EVENT');
    const link = first('DRONE_BUILD_LINK');
    const [stage, step] = [first('DRONE_STAGE_NUMBER'), first('DRONE_STEP_NUMBER')];
    const number = first('DRONE_BUILD_NUMBER');
    const trigger = first('DRONE_BUILD_TRIGGER');
    const ref = first('DRONE_COMMIT_REF');
    // Only GitHub's deployment hook sets it; it is 0 for everything else, a promotion in the UI included.
    const id = first('DRONE_DEPLOY_ID');
    const byHook = id !== undefined && id !== '0';
    return {
      host: first('DRONE_SYSTEM_HOST'),
      repo: first('DRONE_REPO'),
      repoUrl: first('DRONE_REPO_LINK'),
      forge: byHook ? 'github' : forgeAt(first('DRONE_REPO_LINK')),
      commit: first('DRONE_COMMIT_SHA'),
      // DRONE_BRANCH is what a pull request goes into, also where such a build is promoted.
      ref: isPullRef(ref) ? first('DRONE_SOURCE_BRANCH') : (ref ?? first('DRONE_BRANCH')),
      event,
      isPullRequest: event === 'pull_request',
      deploys: event === 'promote' || event === 'rollback',
      environment: first('DRONE_DEPLOY_TO'),
      task: event === 'rollback' ? 'rollback' : undefined,
      deploymentId: id,
      startedByForge: byHook,
      status: statusOf(first('DRONE_BUILD_STATUS'), first('DRONE_STAGE_STATUS')),
      // `drone exec` counts no builds: they are all number 0.
      execution: number === '0' ? undefined : number,
      createdAt: msOfSeconds(first('DRONE_BUILD_CREATED')),
      buildUrl: link,
      stepUrl: link && stage && step ? `${link}/${stage}/${step}` : undefined,
      // @hook and @cron are nobody; behind a hook's build the author is who sent the event.
      actor: trigger === '@hook' ? first('DRONE_COMMIT_AUTHOR') : named(trigger),
      workspace: first('DRONE_WORKSPACE'),
      postsTerminal: true,
      openEnvironment: true,
      emptyMeansMissing: true,
    };
  },
});

const named = (trigger: string | undefined): string | undefined =>
  trigger?.startsWith('@') ? undefined : trigger;
