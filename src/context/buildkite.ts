import { statusOfExit } from './build-status.ts';
import { type Context, defineCi, type Facts, type Known, type Variables } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { fullSha } from './git-names.ts';
import { parseRepoUrl } from './repo-url.ts';

const forges = new Map<string, Context['forge']>([
  ['github', 'github'],
  ['github_enterprise', 'github'],
  ['gitlab', 'gitlab'],
  ['gitlab_ee', 'gitlab'],
  ['bitbucket', 'bitbucket'],
]);

const variables = [
  'BUILDKITE',
  'BUILDKITE_BRANCH',
  'BUILDKITE_BUILD_CHECKOUT_PATH',
  'BUILDKITE_BUILD_CREATOR',
  'BUILDKITE_BUILD_ID',
  'BUILDKITE_BUILD_URL',
  'BUILDKITE_COMMAND_EXIT_STATUS',
  'BUILDKITE_COMMIT',
  'BUILDKITE_JOB_ID',
  'BUILDKITE_PIPELINE_PROVIDER',
  'BUILDKITE_PULL_REQUEST',
  'BUILDKITE_PULL_REQUEST_REPO',
  'BUILDKITE_PULL_REQUEST_USING_MERGE_REFSPEC',
  'BUILDKITE_REPO',
  'BUILDKITE_SOURCE',
  'BUILDKITE_TAG',
  'BUILDKITE_UNBLOCKER',
] as const;
type First = Variables<(typeof variables)[number]>;

export const buildkite = defineCi({
  id: 'buildkite',
  docs: 'https://buildkite.com/docs/pipelines/configure/environment-variables',
  variables,
  detect: (first) => first('BUILDKITE') === 'true',
  read: (first, facts) => {
    const remote = parseRepoUrl(first('BUILDKITE_REPO'));
    const [page, job] = [first('BUILDKITE_BUILD_URL'), first('BUILDKITE_JOB_ID')];
    return {
      repo: remote?.repo,
      repoUrl: remote?.url,
      forge: forgeAt(remote?.url) ?? forges.get(first('BUILDKITE_PIPELINE_PROVIDER') ?? ''),
      // Known in the hooks after the command.
      status: statusOfExit(first('BUILDKITE_COMMAND_EXIT_STATUS')),
      execution: first('BUILDKITE_BUILD_ID'),
      buildUrl: page,
      stepUrl: page && job ? `${page}#${job}` : undefined,
      actor: first('BUILDKITE_UNBLOCKER', 'BUILDKITE_BUILD_CREATOR'),
      workspace: first('BUILDKITE_BUILD_CHECKOUT_PATH'),
      ...readHead(first, facts),
    };
  },
});

function readHead(first: First, facts: Facts): Known {
  const isPullRequest = (first('BUILDKITE_PULL_REQUEST') ?? 'false') !== 'false';
  const isMerge = isPullRequest && first('BUILDKITE_PULL_REQUEST_USING_MERGE_REFSPEC') === 'true';
  const home = parseRepoUrl(first('BUILDKITE_REPO'))?.repo;
  const source = parseRepoUrl(first('BUILDKITE_PULL_REQUEST_REPO'))?.repo;
  const isFork = isPullRequest && source !== undefined && source !== home;
  return {
    // A build started by hand says HEAD, or a branch: then what the agent checked out is the commit.
    commit: isMerge ? undefined : (fullSha(first('BUILDKITE_COMMIT')) ?? facts.gitHead()),
    ref: isFork ? undefined : first('BUILDKITE_TAG', 'BUILDKITE_BRANCH'),
    event: isPullRequest ? 'pull_request' : first('BUILDKITE_SOURCE'),
    isPullRequest,
  };
}
