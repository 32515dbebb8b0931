import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import { baseUrlOf } from '../base-url.ts';
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
  const { bitbucketDcToken: token } = valuesOf(loaded);
  const base = urlOf(loaded, order);
  const repo = repoOf(order, 'one');
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

export const bitbucketDcCredentials = (loaded: Loaded, order: Order): readonly CredentialUse[] =>
  valuesOf(loaded).bitbucketDcToken
    ? [{ setting: 'bitbucket_dc_token', host: new URL(urlOf(loaded, order)).host }]
    : [];

export const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof bitbucketDcSettings>;

const urlOf = (loaded: Loaded, order: Order): string =>
  baseUrlOf(
    {
      id: 'bitbucket-dc',
      name: writtenName(loaded, 'bitbucketDcUrl'),
      written: valuesOf(loaded).bitbucketDcUrl,
      page: /\/(?:projects|users)\/[^/]+\/repos\/.*$|\/scm\/.*$/,
    },
    order,
  );
