import { defineCi } from './context.ts';
import { forgeAt } from './forge-host.ts';
import { parseRepoUrl } from './repo-url.ts';

export const circleci = defineCi({
  id: 'circleci',
  docs: 'https://circleci.com/docs/reference/variables/',
  variables: [
    'CIRCLECI',
    'CIRCLE_BRANCH',
    'CIRCLE_BUILD_URL',
    'CIRCLE_PROJECT_REPONAME',
    'CIRCLE_PROJECT_USERNAME',
    'CIRCLE_PR_NUMBER',
    'CIRCLE_REPOSITORY_URL',
    'CIRCLE_SHA1',
    'CIRCLE_TAG',
    'CIRCLE_USERNAME',
    'CIRCLE_WORKFLOW_ID',
    'CIRCLE_WORKING_DIRECTORY',
  ],
  detect: (first) => first('CIRCLECI') === 'true',
  read: (first) => {
    const remote = parseRepoUrl(first('CIRCLE_REPOSITORY_URL'));
    const [owner, name] = [first('CIRCLE_PROJECT_USERNAME'), first('CIRCLE_PROJECT_REPONAME')];
    // Only forks have it. CIRCLE_PULL_REQUEST is also on the build of a branch that some pull request names.
    const isPullRequest = Boolean(first('CIRCLE_PR_NUMBER'));
    const tag = first('CIRCLE_TAG');
    return {
      repo: remote?.repo ?? (owner && name ? `${owner}/${name}` : undefined),
      repoUrl: remote?.url,
      forge: forgeAt(remote?.url),
      commit: first('CIRCLE_SHA1'),
      // A fork's branch is called pull/12 there.
      ref: isPullRequest ? undefined : (tag ?? first('CIRCLE_BRANCH')),
      // CircleCI has no word for it.
      event: isPullRequest ? 'pull_request' : tag ? 'tag' : 'push',
      isPullRequest,
      execution: first('CIRCLE_WORKFLOW_ID'),
      buildUrl: first('CIRCLE_BUILD_URL'),
      actor: first('CIRCLE_USERNAME'),
      workspace: first('CIRCLE_WORKING_DIRECTORY'),
    };
  },
});
