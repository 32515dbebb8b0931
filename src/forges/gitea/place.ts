import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import { baseUrlOf } from '../base-url.ts';
import type { Site } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { giteaSettings } from './settings.ts';

/** What nobody needs of a commit, and costs the forge time. */
export const brief = 'stat=false&verification=false&files=false';

export type GiteaPlace = Site & {
  /** Of the repository. */
  readonly api: string;
  /** Of the repository, for people. */
  readonly webUrl: string;
  /** Of what the server says of itself. */
  readonly versionUrl: string;
};

/** Where the order's repository is, and how it is asked. */
export function giteaPlace(loaded: Loaded, order: Order): GiteaPlace {
  const { giteaToken: token } = valuesOf(loaded);
  const base = urlOf(loaded, order);
  const repo = repoOf(order, 'one');
  return {
    repo,
    host: new URL(base).host,
    api: `${base}/api/v1/repos/${repo}`,
    webUrl: `${base}/${repo}`,
    versionUrl: `${base}/api/v1/version`,
    headers: token ? { authorization: `token ${token}` } : {},
    setting: writtenName(loaded, 'giteaToken'),
    needs: 'the scope `read:repository`',
  };
}

export const giteaCredentials = (loaded: Loaded, order: Order): readonly CredentialUse[] =>
  valuesOf(loaded).giteaToken
    ? [{ setting: 'gitea_token', host: new URL(urlOf(loaded, order)).host }]
    : [];

export const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof giteaSettings>;

const urlOf = (loaded: Loaded, order: Order): string =>
  baseUrlOf(
    { id: 'gitea', name: writtenName(loaded, 'giteaUrl'), written: valuesOf(loaded).giteaUrl },
    order,
  );
