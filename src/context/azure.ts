import { statusOf } from './build-status.ts';
import { type Context, defineCi, type Known, type Variables } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { isPullRef } from './git-names.ts';
import { hostOf, parseRepoUrl } from './repo-url.ts';

const forges = new Map<string, Context['forge']>([
  ['GitHub', 'github'],
  ['GitHubEnterprise', 'github'],
  ['Bitbucket', 'bitbucket'],
]);

const variables = [
  'AGENT_JOBSTATUS',
  'BUILD_BUILDID',
  'BUILD_REASON',
  'BUILD_REPOSITORY_NAME',
  'BUILD_REPOSITORY_PROVIDER',
  'BUILD_REPOSITORY_URI',
  'BUILD_REQUESTEDFOR',
  'BUILD_SOURCEBRANCH',
  'BUILD_SOURCESDIRECTORY',
  'BUILD_SOURCEVERSION',
  'ENVIRONMENT_NAME',
  'SYSTEM_COLLECTIONURI',
  'SYSTEM_JOBID',
  'SYSTEM_PULLREQUEST_ISFORK',
  'SYSTEM_PULLREQUEST_PULLREQUESTID',
  'SYSTEM_PULLREQUEST_SOURCEBRANCH',
  'SYSTEM_PULLREQUEST_SOURCECOMMITID',
  'SYSTEM_TEAMPROJECT',
  'TF_BUILD',
] as const;
type First = Variables<(typeof variables)[number]>;

export const azure = defineCi({
  id: 'azure',
  docs: 'https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables',
  variables,
  detect: (first) => Boolean(first('TF_BUILD')),
  read: (first) => {
    const remote = parseRepoUrl(first('BUILD_REPOSITORY_URI'));
    const job = first('SYSTEM_JOBID');
    const page = pageOf(first);
    return {
      host: hostOf(first('SYSTEM_COLLECTIONURI')),
      // Azure Repos give the bare name, which is no address on any forge that we know.
      repo: first('BUILD_REPOSITORY_NAME'),
      repoUrl: remote?.url,
      forge: forges.get(first('BUILD_REPOSITORY_PROVIDER') ?? '') ?? forgeAt(remote?.url),
      event: first('BUILD_REASON'),
      environment: first('ENVIRONMENT_NAME'),
      status: statusOf(first('AGENT_JOBSTATUS')),
      execution: first('BUILD_BUILDID'),
      buildUrl: page,
      stepUrl: page && job ? `${page}&view=logs&j=${job}` : undefined,
      actor: first('BUILD_REQUESTEDFOR'),
      workspace: first('BUILD_SOURCESDIRECTORY'),
      ...readHead(first),
    };
  },
});

function pageOf(first: First): string | undefined {
  const collection = first('SYSTEM_COLLECTIONURI')?.replace(/\/*$/, '/');
  const [project, build] = [first('SYSTEM_TEAMPROJECT'), first('BUILD_BUILDID')];
  if (!collection || !project || !build) return undefined;
  return `${collection}${encodeURIComponent(project)}/_build/results?buildId=${build}`;
}

function readHead(first: First): Known {
  const ref = first('BUILD_SOURCEBRANCH');
  const isPullRequest =
    first('BUILD_REASON') === 'PullRequest' ||
    Boolean(first('SYSTEM_PULLREQUEST_PULLREQUESTID')) ||
    isPullRef(ref);
  if (!isPullRequest) return { commit: first('BUILD_SOURCEVERSION'), ref };
  // BUILD_SOURCEVERSION is the merge.
  const isFork = first('SYSTEM_PULLREQUEST_ISFORK')?.toLowerCase() === 'true';
  return {
    isPullRequest,
    commit: first('SYSTEM_PULLREQUEST_SOURCECOMMITID'),
    ref: isFork ? undefined : first('SYSTEM_PULLREQUEST_SOURCEBRANCH'),
  };
}
