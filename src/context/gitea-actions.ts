import { defineCi } from './context.ts';
import { actionsVariables, readActions } from './github-actions.ts';

/** Gitea and Forgejo pose as GitHub (GITHUB_ACTIONS is true), but nothing here may ever talk to GitHub. */
export const giteaActions = defineCi({
  id: 'gitea-actions',
  docs: 'https://docs.gitea.com/usage/actions/actions-variables',
  variables: [...actionsVariables, 'FORGEJO_ACTIONS', 'GITEA_ACTIONS', 'GITHUB_RUN_NUMBER'],
  detect: (first) => Boolean(first('FORGEJO_ACTIONS', 'GITEA_ACTIONS')),
  read: (first, facts) => {
    const known = readActions(first, facts);
    const server = first('GITHUB_SERVER_URL')?.replace(/\/+$/, '');
    const number = first('GITHUB_RUN_NUMBER');
    // Forgejo's pages count runs by number; Gitea's did until 1.26 and go by id since, so there is no telling.
    const isCounted = first('FORGEJO_ACTIONS') && known.repoUrl && number;
    return {
      ...known,
      forge: 'gitea',
      forgeApiUrl: server ? `${server}/api/v1` : undefined,
      buildUrl: isCounted ? `${known.repoUrl}/actions/runs/${number}` : undefined,
    };
  },
});
