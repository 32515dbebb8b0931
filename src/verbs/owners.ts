import type { Catalog } from '../deployments/catalog.ts';
import { bitbucketSettings } from '../forges/bitbucket/settings.ts';
import { bitbucketDcSettings } from '../forges/bitbucket-dc/settings.ts';
import { diversionSettings } from '../forges/diversion/settings.ts';
import { giteaSettings } from '../forges/gitea/settings.ts';
import { githubSettings } from '../forges/github/settings.ts';
import { gitlabSettings } from '../forges/gitlab/settings.ts';
import { commitStatusSettings } from '../forges/settings.ts';
import { reporterEntries } from '../reporters/index.ts';
import { slackSettings } from '../reporters/slack/settings.ts';
import type { Table } from '../settings/define.ts';
import type { Owner } from '../settings/emit/owner.ts';
import { general } from '../settings/general.ts';
import { serverSettings } from '../settings/server.ts';
import { targetEntries } from '../targets/index.ts';

/** Whose settings every deploy may have, whatever its target. */
const shared: readonly Owner[] = [
  { title: 'General', owner: 'general', about: 'What every run understands.', table: general },
  {
    title: 'GitHub',
    owner: 'github',
    about: 'Deployments and commit statuses on GitHub and GitHub Enterprise Server.',
    table: githubSettings,
  },
  {
    title: 'Commit statuses',
    owner: 'commit-status',
    about: 'What every reporter that tells a commit understands.',
    table: commitStatusSettings,
  },
  {
    title: 'GitLab',
    owner: 'gitlab',
    about: 'Deployments and commit statuses on GitLab, and trees for `checkout: archive`.',
    table: gitlabSettings,
  },
  {
    title: 'Bitbucket',
    owner: 'bitbucket',
    about: 'Build statuses on Bitbucket Cloud, and trees for `checkout: archive`.',
    table: bitbucketSettings,
  },
  {
    title: 'Bitbucket Data Center',
    owner: 'bitbucket-dc',
    about: 'Deployments and build statuses on Bitbucket Data Center.',
    table: bitbucketDcSettings,
  },
  {
    title: 'Gitea',
    owner: 'gitea',
    about: 'Commit statuses on Gitea and Forgejo, and trees for `checkout: archive`.',
    table: giteaSettings,
  },
  {
    title: 'Slack',
    owner: 'slack',
    about: 'One message a run in a channel, kept up to date.',
    table: slackSettings,
  },
  {
    title: 'Diversion',
    owner: 'diversion',
    about: 'Where `checkout: diversion` gets the tree.',
    table: diversionSettings,
  },
];

/** Whose settings there are, in the order of the docs; targets come in by their registry. */
export const owners: readonly Owner[] = [
  ...shared,
  ...targetEntries.map(({ id, about, settings }) => ({
    title: `Target ${id}`,
    owner: id,
    about,
    table: settings,
  })),
];

/** Every setting under its one name; reporters of one forge share theirs. */
export const everySetting: Table = Object.assign(
  {},
  ...owners.map(({ table }) => table),
  ...reporterEntries.map(({ settings }) => settings),
);

/** What slipway.yml is judged by. */
export const catalog: Catalog = {
  shared: Object.assign({}, ...shared.map(({ table }) => table)),
  targets: targetEntries,
  reporters: reporterEntries,
};

/** Of the process that serves, not of its runs. */
export const serverOwner: Owner = {
  title: 'Server',
  owner: 'server',
  about: 'What `slipway serve` itself needs.',
  table: serverSettings,
};
