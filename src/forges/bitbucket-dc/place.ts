import { SettingsError } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import { siteIn } from '../base-url.ts';
import type { Site } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { bitbucketDcSettings } from './settings.ts';

export type BitbucketDcPlace = Site & {
  /** Of the repository. */
  readonly api: string;
  /** Of the build statuses of all repositories, as older servers keep them. */
  readonly buildStatusUrl: string;
  /** Of the repository, for people. */
  readonly webUrl: string;
};

export const needs = 'to read the repository (REPO_READ)';

/** Where the order's repository is; it is `PROJECT/name`, or `~user/name`. */
export function bitbucketDcPlace(loaded: Loaded, order: Order): BitbucketDcPlace {
  const { bitbucketDcToken: token, bitbucketDcUrl } = valuesOf(loaded);
  const repo = repoOf(order, 'one');
  if (!bitbucketDcUrl) {
    throw new SettingsError([{ name: 'bitbucket_dc_url', message: 'is required' }]);
  }
  const base = siteIn(bitbucketDcUrl, /\/rest(?:\/api(?:\/[\w.]+)?)?$/);
  const [project = '', name] = repo.split('/');
  const isPersonal = project.startsWith('~');
  const group = isPersonal ? `users/${project.slice(1)}` : `projects/${project}`;
  return {
    repo,
    host: new URL(base).host,
    api: `${base}/rest/api/latest/projects/${project}/repos/${name}`,
    buildStatusUrl: `${base}/rest/build-status/1.0`,
    webUrl: `${base}/${group}/repos/${name}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    setting: writtenName(loaded, 'bitbucketDcToken'),
    needs,
  };
}

export const bitbucketDcCredentials = (loaded: Loaded): readonly CredentialUse[] => {
  const { bitbucketDcToken, bitbucketDcUrl } = valuesOf(loaded);
  return bitbucketDcToken && bitbucketDcUrl
    ? [{ setting: 'bitbucket_dc_token', host: new URL(bitbucketDcUrl).host }]
    : [];
};

export const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof bitbucketDcSettings>;
