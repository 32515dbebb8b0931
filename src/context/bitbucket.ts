import { statusOfExit } from './build-status.ts';
import { defineCi } from './context.ts';

export const bitbucket = defineCi({
  id: 'bitbucket',
  docs: 'https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/',
  variables: [
    'BITBUCKET_BRANCH',
    'BITBUCKET_BUILD_NUMBER',
    'BITBUCKET_CLONE_DIR',
    'BITBUCKET_COMMIT',
    'BITBUCKET_DEPLOYMENT_ENVIRONMENT',
    'BITBUCKET_EXIT_CODE',
    'BITBUCKET_PR_ID',
    'BITBUCKET_REPO_FULL_NAME',
    'BITBUCKET_STEP_TRIGGERER_UUID',
    'BITBUCKET_STEP_UUID',
    'BITBUCKET_TAG',
  ],
  detect: (first) => Boolean(first('BITBUCKET_BUILD_NUMBER')),
  read: (first) => {
    const repo = first('BITBUCKET_REPO_FULL_NAME');
    const repoUrl = repo ? `https://bitbucket.org/${repo}` : undefined;
    const number = first('BITBUCKET_BUILD_NUMBER');
    const buildUrl = repoUrl && number ? `${repoUrl}/pipelines/results/${number}` : undefined;
    const step = first('BITBUCKET_STEP_UUID');
    const tag = first('BITBUCKET_TAG');
    const isPullRequest = Boolean(first('BITBUCKET_PR_ID'));
    return {
      host: 'bitbucket.org',
      repo,
      repoUrl,
      forge: 'bitbucket',
      // The source branch's head, also where the clone has the target merged into it.
      commit: first('BITBUCKET_COMMIT'),
      ref: tag ?? first('BITBUCKET_BRANCH'),
      // Bitbucket has no word for it.
      event: isPullRequest ? 'pull_request' : tag ? 'tag' : 'push',
      isPullRequest,
      environment: first('BITBUCKET_DEPLOYMENT_ENVIRONMENT'),
      // Known in after-script.
      status: statusOfExit(first('BITBUCKET_EXIT_CODE')),
      execution: number,
      buildUrl,
      stepUrl: buildUrl && step ? `${buildUrl}/steps/${encodeURIComponent(step)}` : undefined,
      actor: first('BITBUCKET_STEP_TRIGGERER_UUID'),
      workspace: first('BITBUCKET_CLONE_DIR'),
    };
  },
});
