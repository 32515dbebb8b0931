import { quoted, SettingsError } from '../errors.ts';
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
import type { Order } from '../order.ts';
import type { Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';

export const gitlab = defineCommitAudience<GitlabPlace & { readonly tier: Tier | undefined }>({
  id: 'gitlab',
  title: 'GitLab',
  about: 'A deployment and a status on the commit at GitLab.',
  settings: { ...gitlabSettings, ...environmentSettings, ...commitStatusSettings },
  setting: 'gitlab_token',
  credentials: gitlabCredentials,
  hasCredential: (loaded) => valuesOf(loaded).gitlabToken !== undefined && !hasJobToken(loaded),
  lackOf: (loaded, { system }) =>
    system === 'gitlab' || hasJobToken(loaded)
      ? 'a CI_JOB_TOKEN may not write commit statuses'
      : undefined,
  isNamed: (loaded) => valuesOf(loaded).gitlabUrl !== undefined,
  placeOf(loaded, order) {
    demandName(order);
    return { ...gitlabPlace(loaded, order), tier: tierOf(loaded) };
  },
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

const hasJobToken = (loaded: Loaded): boolean =>
  valuesOf(loaded).gitlabToken?.startsWith('glcbt-') ?? false;

/** What GitLab takes for an environment. */
const environmentName = /^[\w${}. -](?:[\w/${}. -]*[\w${}. -])?$/;

/** GitLab would refuse it only when the deploy has begun. */
function demandName({ environment }: Order): void {
  if (!environment || (environmentName.test(environment) && environment.length <= 255)) return;
  const message = `must be of letters (a to z), digits, spaces and - _ / $ { } . for GitLab, with no slash at an end and at most 255 characters, got ${quoted(environment)}: rename it, or leave gitlab out of report`;
  throw new SettingsError([{ name: 'environment', message }]);
}
