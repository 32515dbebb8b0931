import { statusOf } from './build-status.ts';
import { msOfSeconds } from './build-time.ts';
import { type Context, defineCi } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { isPullRef } from './git-names.ts';

const forges = new Map<string, Context['forge']>([
  ['github', 'github'],
  ['gitlab', 'gitlab'],
]);

/** It speaks Drone's names without promotions; most are empty unless a codebase or trigger fills them. */
export const harness = defineCi({
  id: 'harness',
  docs: 'https://developer.harness.io/docs/continuous-integration/troubleshoot-ci/ci-env-var',
  variables: [
    'DRONE_BRANCH',
    'DRONE_BUILD_CREATED',
    'DRONE_BUILD_EVENT',
    'DRONE_BUILD_LINK',
    'DRONE_BUILD_STATUS',
    'DRONE_COMMIT_AUTHOR',
    'DRONE_COMMIT_REF',
    'DRONE_COMMIT_SHA',
    'DRONE_DEPLOY_ID',
    'DRONE_PULL_REQUEST',
    'DRONE_REPO',
    'DRONE_REPO_LINK',
    'DRONE_REPO_SCM',
    'DRONE_SOURCE_BRANCH',
    'DRONE_STAGE_STATUS',
    'DRONE_SYSTEM_VERSION',
    'DRONE_TAG',
    'DRONE_WORKSPACE',
    'HARNESS_BUILD_ID',
    'HARNESS_EXECUTION_ID',
    'HARNESS_WORKSPACE',
  ],
  // On Drone a promotion's parameters could set HARNESS_BUILD_ID, but not take away what Harness never sets.
  detect: (first) =>
    Boolean(first('HARNESS_BUILD_ID')) && !first('DRONE_DEPLOY_ID', 'DRONE_SYSTEM_VERSION'),
  read: (first) => {
    const event = first('DRONE_BUILD_EVENT');
    const ref = first('DRONE_COMMIT_REF');
    const author = first('DRONE_COMMIT_AUTHOR');
    const isPullRequest = event === 'pull_request' || Boolean(first('DRONE_PULL_REQUEST'));
    const scm = first('DRONE_REPO_SCM')?.toLowerCase() ?? '';
    // DRONE_SYSTEM_HOST is no use: there it is the machine that builds, and changes from stage to stage.
    return {
      repo: first('DRONE_REPO'),
      repoUrl: first('DRONE_REPO_LINK'),
      forge: forgeAt(first('DRONE_REPO_LINK')) ?? forges.get(scm),
      commit: first('DRONE_COMMIT_SHA'),
      ref:
        isPullRequest || isPullRef(ref)
          ? first('DRONE_SOURCE_BRANCH')
          : (ref ?? first('DRONE_TAG', 'DRONE_BRANCH')),
      event,
      isPullRequest,
      status: statusOf(first('DRONE_BUILD_STATUS'), first('DRONE_STAGE_STATUS')),
      execution: first('HARNESS_EXECUTION_ID'),
      createdAt: msOfSeconds(first('DRONE_BUILD_CREATED')),
      buildUrl: first('DRONE_BUILD_LINK'),
      actor: author === 'null' ? undefined : author,
      workspace: first('HARNESS_WORKSPACE', 'DRONE_WORKSPACE'),
      openEnvironment: true,
      // Harness itself sets it only where a codebase is built.
      openRepoUrl: true,
      emptyMeansMissing: true,
      ownPluginNames: ['artifact_file', 'pipeline'],
    };
  },
});
