import { defineCi, type Facts, type Known, type Variables } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { hostOf, parseRepoUrl } from './repo-url.ts';

const variables = [
  'BRANCH_NAME',
  'BUILD_NUMBER',
  'BUILD_URL',
  'BUILD_USER_ID',
  'CHANGE_AUTHOR',
  'CHANGE_BRANCH',
  'CHANGE_FORK',
  'CHANGE_ID',
  'GIT_BRANCH',
  'GIT_COMMIT',
  'GIT_URL',
  'JENKINS_URL',
  'JOB_NAME',
  'RUN_DISPLAY_URL',
  'TAG_NAME',
  'WORKSPACE',
  'ghprbActualCommit',
  'ghprbPullId',
  'gitlabMergeRequestIid',
  'gitlabMergeRequestLastCommit',
] as const;
type First = Variables<(typeof variables)[number]>;

export const jenkins = defineCi({
  id: 'jenkins',
  docs: 'https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables',
  variables,
  detect: (first) => Boolean(first('JENKINS_URL')),
  read: (first, facts) => {
    const remote = parseRepoUrl(first('GIT_URL'));
    const [job, number] = [first('JOB_NAME'), first('BUILD_NUMBER')];
    const page = first('BUILD_URL');
    const log = page?.replace(/\/*$/, '/console');
    return {
      host: hostOf(first('JENKINS_URL')),
      repo: remote?.repo,
      repoUrl: remote?.url,
      forge: forgeAt(remote?.url),
      execution: job && number ? `${job}#${number}` : undefined,
      buildUrl: first('RUN_DISPLAY_URL') ?? page,
      stepUrl: log,
      actor: first('BUILD_USER_ID', 'CHANGE_AUTHOR'),
      workspace: first('WORKSPACE'),
      ...readHead(first, facts),
    };
  },
});

/** The words for `event` are ours: Jenkins has none in the environment. */
function readHead(first: First, facts: Facts): Known {
  if (first('CHANGE_ID', 'ghprbPullId', 'gitlabMergeRequestIid')) {
    // GIT_COMMIT may be a merge that Jenkins made, unless the job's name says that it builds the head.
    const isHead = first('CHANGE_ID') && /^(PR|MR)-\d+-head$/.test(first('BRANCH_NAME') ?? '');
    return {
      event: 'pull_request',
      isPullRequest: true,
      commit:
        first('ghprbActualCommit', 'gitlabMergeRequestLastCommit') ??
        (isHead ? first('GIT_COMMIT') : undefined),
      ref: first('CHANGE_FORK') ? undefined : first('CHANGE_BRANCH'),
    };
  }
  const tag = first('TAG_NAME');
  return {
    event: tag ? 'tag' : 'push',
    // Scripted pipelines do not pass on what their checkout returns.
    commit: first('GIT_COMMIT') ?? facts.gitHead(),
    ref: tag ?? first('BRANCH_NAME') ?? branchIn(first('GIT_BRANCH')),
  };
}

function branchIn(text: string | undefined): string | undefined {
  const branch = text?.replace(/^(refs\/)?(remotes\/)?origin\//, '').replace(/^tags\//, '');
  return branch === 'detached' ? undefined : branch;
}
