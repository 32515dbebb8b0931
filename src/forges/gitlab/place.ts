import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import { baseUrlOf } from '../base-url.ts';
import type { Site } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { gitlabSettings } from './settings.ts';

/** Where the order's project is, and how it is asked. */
export function gitlabPlace(loaded: Loaded, order: Order): Site & { readonly api: string } {
  const { gitlabToken: token } = valuesOf(loaded);
  const base = urlOf(loaded, order);
  const repo = repoOf(order);
  return {
    repo,
    host: new URL(base).host,
    api: `${base}/api/v4/projects/${encodeURIComponent(repo)}/repository`,
    headers: token ? { 'private-token': token } : {},
    setting: writtenName(loaded, 'gitlabToken'),
    needs: 'the scope `read_api` and the role Reporter',
  };
}

export const gitlabCredentials = (loaded: Loaded, order: Order): readonly CredentialUse[] =>
  valuesOf(loaded).gitlabToken
    ? [{ setting: 'gitlab_token', host: new URL(urlOf(loaded, order)).host }]
    : [];

const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof gitlabSettings>;

const urlOf = (loaded: Loaded, order: Order): string =>
  baseUrlOf(
    {
      id: 'gitlab',
      name: writtenName(loaded, 'gitlabUrl'),
      written: valuesOf(loaded).gitlabUrl,
      usual: 'https://gitlab.com',
    },
    order,
  );
