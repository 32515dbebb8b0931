import { defineCommitAudience } from '../forges/commit-audience.ts';
import { checkGitlab } from '../forges/gitlab/check.ts';
import { createCommitStatuses } from '../forges/gitlab/commit-statuses.ts';
import type { Tier } from '../forges/gitlab/environments.ts';
import {
  type GitlabPlace,
  gitlabCredentials,
  gitlabPlace,
  valuesOf,
} from '../forges/gitlab/place.ts';
import { gitlabSettings } from '../forges/gitlab/settings.ts';
import { commitStatusSettings, environmentSettings } from '../forges/settings.ts';
import type { Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';

export const gitlab = defineCommitAudience<GitlabPlace & { readonly tier: Tier | undefined }>({
  id: 'gitlab',
  title: 'GitLab',
  about: 'A deployment and a status on the commit at GitLab.',
  settings: { ...gitlabSettings, ...environmentSettings, ...commitStatusSettings },
  setting: 'gitlab_token',
  credentials: gitlabCredentials,
  hasCredential: (loaded) => valuesOf(loaded).gitlabToken !== undefined,
  isNamed: (loaded) => valuesOf(loaded).gitlabUrl !== undefined,
  placeOf: (loaded, order) => ({ ...gitlabPlace(loaded, order), tier: tierOf(loaded) }),
  statusesOf: ({ tier, ...place }, forge, { order, log }) =>
    createCommitStatuses({ place, tier, forge, order, log }),
  check: checkGitlab,
});

/** Without a word of the author GitLab guesses it by the environment's name. */
function tierOf(loaded: Loaded): Tier | undefined {
  const values = loaded.values as Values<typeof environmentSettings>;
  if (values.productionEnvironment) return 'production';
  return values.transientEnvironment ? 'development' : undefined;
}
