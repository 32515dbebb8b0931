import { defineCommitAudience } from '../forges/commit-audience.ts';
import { checkGitea } from '../forges/gitea/check.ts';
import { createCommitStatuses } from '../forges/gitea/commit-statuses.ts';
import { giteaCredentials, giteaPlace, valuesOf } from '../forges/gitea/place.ts';
import { giteaSettings } from '../forges/gitea/settings.ts';
import { commitStatusSettings } from '../forges/settings.ts';

export const gitea = defineCommitAudience({
  id: 'gitea',
  title: 'Gitea',
  about: 'A status on the commit at Gitea or Forgejo.',
  settings: { ...giteaSettings, ...commitStatusSettings },
  setting: 'gitea_token',
  credentials: giteaCredentials,
  hasCredential: (loaded) => valuesOf(loaded).giteaToken !== undefined,
  isNamed: (loaded) => valuesOf(loaded).giteaUrl !== undefined,
  naming: 'set gitea_url',
  placeOf: giteaPlace,
  statusesOf: createCommitStatuses,
  check: checkGitea,
});
