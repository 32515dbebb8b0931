import { statusOfExit } from './build-status.ts';
import { defineCi } from './context.ts';
import { hostOf } from './repo-url.ts';

export const travis = defineCi({
  id: 'travis',
  docs: 'https://docs.travis-ci.com/user/environment-variables/#default-environment-variables',
  variables: [
    'TRAVIS',
    'TRAVIS_BRANCH',
    'TRAVIS_BUILD_DIR',
    'TRAVIS_BUILD_ID',
    'TRAVIS_BUILD_WEB_URL',
    'TRAVIS_COMMIT',
    'TRAVIS_EVENT_TYPE',
    'TRAVIS_JOB_WEB_URL',
    'TRAVIS_PULL_REQUEST',
    'TRAVIS_PULL_REQUEST_BRANCH',
    'TRAVIS_PULL_REQUEST_SHA',
    'TRAVIS_PULL_REQUEST_SLUG',
    'TRAVIS_REPO_SLUG',
    'TRAVIS_TAG',
    'TRAVIS_TEST_RESULT',
  ],
  detect: (first) => first('TRAVIS') === 'true',
  read: (first) => {
    const repo = first('TRAVIS_REPO_SLUG');
    const page = first('TRAVIS_BUILD_WEB_URL');
    const isGitHub = /^https:\/\/app\.travis-ci\.com\/github\//.test(page ?? '');
    const event = first('TRAVIS_EVENT_TYPE');
    const isPullRequest =
      event === 'pull_request' || (first('TRAVIS_PULL_REQUEST') ?? 'false') !== 'false';
    const isFork = first('TRAVIS_PULL_REQUEST_SLUG') !== repo;
    return {
      host: hostOf(page),
      repo,
      repoUrl: isGitHub && repo ? `https://github.com/${repo}` : undefined,
      forge: isGitHub ? 'github' : undefined,
      // Of a pull request TRAVIS_COMMIT is the merge, and TRAVIS_BRANCH what it goes into.
      ...(isPullRequest
        ? {
            commit: first('TRAVIS_PULL_REQUEST_SHA'),
            ref: isFork ? undefined : first('TRAVIS_PULL_REQUEST_BRANCH'),
          }
        : { commit: first('TRAVIS_COMMIT'), ref: first('TRAVIS_TAG', 'TRAVIS_BRANCH') }),
      event,
      isPullRequest,
      // Known once `script` has ended: in after_success, after_failure and after_script.
      status: statusOfExit(first('TRAVIS_TEST_RESULT')),
      execution: first('TRAVIS_BUILD_ID'),
      buildUrl: page,
      stepUrl: first('TRAVIS_JOB_WEB_URL'),
      workspace: first('TRAVIS_BUILD_DIR'),
    };
  },
});
