import { quoted, SettingsError } from '../errors.ts';
import { defineCommitAudience } from '../forges/commit-audience.ts';
import { checkGitlab } from '../forges/gitlab/check.ts';
import { createCommitStatuses } from '../forges/gitlab/commit-statuses.ts';
import {
  type GitlabPlace,
  gitlabCredentials,
  gitlabPlace,
  valuesOf,
} from '../forges/gitlab/place.ts';
import { gitlabSettings } from '../forges/gitlab/settings.ts';
import {
  commitStatusSettings,
  type EnvironmentKind,
  environmentKind,
  environmentSettings,
} from '../forges/settings.ts';
import type { Order } from '../order.ts';
import type { Loaded } from '../settings/load.ts';

export const gitlab = defineCommitAudience<
  GitlabPlace & { readonly tier: EnvironmentKind | undefined }
>({
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
  namesRepo: (loaded) => valuesOf(loaded).gitlabProject !== undefined,
  placeOf(loaded, order) {
    demandName(order);
    return { ...gitlabPlace(loaded, order), tier: environmentKind(loaded) };
  },
  statusesOf: ({ tier, ...place }, forge, { order, log }) =>
    createCommitStatuses({ place, tier, forge, order, log }),
  check: checkGitlab,
});

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
