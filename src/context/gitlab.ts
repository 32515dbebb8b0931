import { statusOf } from './build-status.ts';
import { msOfIso } from './build-time.ts';
import { defineCi, type Known, type Variables } from './context.ts';

const variables = [
  'CI_API_V4_URL',
  'CI_COMMIT_REF_NAME',
  'CI_COMMIT_SHA',
  'CI_ENVIRONMENT_NAME',
  'CI_EXTERNAL_PULL_REQUEST_IID',
  'CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME',
  'CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA',
  'CI_JOB_STATUS',
  'CI_JOB_URL',
  'CI_MERGE_REQUEST_EVENT_TYPE',
  'CI_MERGE_REQUEST_IID',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_SHA',
  'CI_MERGE_REQUEST_SOURCE_PROJECT_PATH',
  'CI_PIPELINE_CREATED_AT',
  'CI_PIPELINE_ID',
  'CI_PIPELINE_SOURCE',
  'CI_PIPELINE_URL',
  'CI_PROJECT_DIR',
  'CI_PROJECT_PATH',
  'CI_PROJECT_URL',
  'CI_SERVER_HOST',
  'GITLAB_CI',
  'GITLAB_USER_LOGIN',
] as const;
type First = Variables<(typeof variables)[number]>;

export const gitlab = defineCi({
  id: 'gitlab',
  docs: 'https://docs.gitlab.com/ci/variables/predefined_variables/',
  variables,
  detect: (first) => first('GITLAB_CI') === 'true',
  read: (first) => ({
    host: first('CI_SERVER_HOST'),
    repo: first('CI_PROJECT_PATH'),
    repoUrl: first('CI_PROJECT_URL'),
    forge: 'gitlab',
    forgeApiUrl: first('CI_API_V4_URL'),
    event: first('CI_PIPELINE_SOURCE'),
    environment: first('CI_ENVIRONMENT_NAME'),
    status: statusOf(first('CI_JOB_STATUS')),
    execution: first('CI_PIPELINE_ID'),
    createdAt: msOfIso(first('CI_PIPELINE_CREATED_AT')),
    buildUrl: first('CI_PIPELINE_URL'),
    stepUrl: first('CI_JOB_URL'),
    actor: first('GITLAB_USER_LOGIN'),
    workspace: first('CI_PROJECT_DIR'),
    ...readHead(first),
  }),
});

function readHead(first: First): Known {
  if (first('CI_MERGE_REQUEST_IID')) {
    const isFork = first('CI_MERGE_REQUEST_SOURCE_PROJECT_PATH') !== first('CI_PROJECT_PATH');
    // In pipelines for merged results and merge trains CI_COMMIT_SHA is a merge that GitLab made.
    const isHead = first('CI_MERGE_REQUEST_EVENT_TYPE') === 'detached';
    return {
      isPullRequest: true,
      commit:
        first('CI_MERGE_REQUEST_SOURCE_BRANCH_SHA') ??
        (isHead ? first('CI_COMMIT_SHA') : undefined),
      ref: isFork ? undefined : first('CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'),
    };
  }
  if (first('CI_EXTERNAL_PULL_REQUEST_IID')) {
    return {
      isPullRequest: true,
      commit: first('CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA'),
      ref: first('CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME'),
    };
  }
  return { commit: first('CI_COMMIT_SHA'), ref: first('CI_COMMIT_REF_NAME') };
}
