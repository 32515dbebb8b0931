import { quoted, SettingsError } from '../errors.ts';
import { defineCommitAudience } from '../forges/commit-audience.ts';
import { checkGitlab } from '../forges/gitlab/check.ts';
import { createCommitStatuses } from '../forges/gitlab/commit-statuses.ts';
import { createJobTokenReporter, type DeploymentOrder } from '../forges/gitlab/job-token.ts';
import {
  type GitlabPlace,
  gitlabCredentials,
  gitlabPlace,
  isJobToken,
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
import type { ReporterEntry, Verb } from './reporter.ts';

const audience = defineCommitAudience<GitlabPlace & { readonly tier: EnvironmentKind | undefined }>(
  {
    id: 'gitlab',
    title: 'GitLab',
    about: 'A deployment and a status on the commit at GitLab.',
    settings: { ...gitlabSettings, ...environmentSettings, ...commitStatusSettings },
    setting: 'gitlab_token',
    credentials: gitlabCredentials,
    hasCredential: (loaded) => valuesOf(loaded).gitlabToken !== undefined,
    lackOf: (_, { system }) =>
      system === 'gitlab' ? `a CI_JOB_TOKEN would do for ${deploymentsAlone}` : undefined,
    isNamed: (loaded) => valuesOf(loaded).gitlabUrl !== undefined,
    naming: 'set gitlab_url',
    namesRepo: (loaded) => valuesOf(loaded).gitlabProject !== undefined,
    placeOf(loaded, order) {
      demandName(order);
      return { ...gitlabPlace(loaded, order), tier: environmentKind(loaded) };
    },
    statusesOf: ({ tier, ...place }, forge, { order, log }) =>
      createCommitStatuses({ place, tier, forge, order, log }),
    check: checkGitlab,
  },
);

const deploymentsAlone = 'deployments alone, told when they have ended';

export const gitlab: ReporterEntry = {
  ...audience,
  auto(loaded, order, verb) {
    const wish = audience.auto(loaded, order, verb);
    const isJobs = wish.wanted && isJobToken(valuesOf(loaded).gitlabToken);
    return isJobs ? { ...wish, why: `gitlab_token is of a job: ${deploymentsAlone}` } : wish;
  },
  open(loaded, order, deps) {
    if (!isJobToken(valuesOf(loaded).gitlabToken)) return audience.open(loaded, order, deps);
    return createJobTokenReporter({
      ...{ place: gitlabPlace(loaded, order), tier: environmentKind(loaded) },
      ...{ order: demandDeployment(order, deps.verb), deps },
    });
  },
};

function demandDeployment(order: Order, verb: Verb): DeploymentOrder {
  demandName(order);
  const { commit = '', environment = '' } = order;
  const names = verb === 'reap' ? [] : Object.entries({ commit, environment });
  const faults = names
    .filter(([, value]) => !value)
    .map(([name]) => ({ name, message: 'is required for a deployment at GitLab' }));
  if (faults.length > 0) throw new SettingsError(faults);
  return { ...order, commit, environment };
}

/** What GitLab takes for an environment. */
const environmentName = /^[\w${}. -](?:[\w/${}. -]*[\w${}. -])?$/;

/** GitLab would refuse it only when the deploy has begun. */
function demandName({ environment }: Order): void {
  if (!environment || (environmentName.test(environment) && environment.length <= 255)) return;
  const message = `must be of letters (a to z), digits, spaces and - _ / $ { } . for GitLab, with no slash at an end and at most 255 characters, got ${quoted(environment)}: rename it, or leave gitlab out of report`;
  throw new SettingsError([{ name: 'environment', message }]);
}
