import { SettingsError } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { CredentialUse } from '../../targets/target.ts';
import type { Site } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { bitbucketSettings } from './settings.ts';

export type BitbucketPlaces = { readonly site: string; readonly api: string };

/** Bitbucket Cloud is in one place. Its API has no archives: the site has, and takes the same header. */
export const bitbucketPlaces: BitbucketPlaces = {
  site: 'https://bitbucket.org',
  api: 'https://api.bitbucket.org/2.0',
};

/** How the order's repository is asked. */
export function bitbucketPlace(loaded: Loaded, order: Order, { site }: BitbucketPlaces): Site {
  const { bitbucketToken: token } = valuesOf(loaded);
  const repo = repoOf(order, 'one');
  const setting = writtenName(loaded, 'bitbucketToken');
  demandHome(order, setting);
  return {
    repo,
    host: new URL(site).host,
    headers: token ? { authorization: authorizationOf(token) } : {},
    setting,
    needs: 'to read repositories (`read:repository:bitbucket`, or `repository`)',
  };
}

export const bitbucketCredentials = (
  loaded: Loaded,
  hosts: readonly string[],
): readonly CredentialUse[] =>
  valuesOf(loaded).bitbucketToken
    ? hosts.map((url) => ({ setting: 'bitbucket_token', host: new URL(url).host }))
    : [];

const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof bitbucketSettings>;

/** An API token is a person's, and goes with an address; an access token stands alone. */
const authorizationOf = (token: string): string =>
  token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;

function demandHome({ forge, repoUrl }: Order, name: string): void {
  const isElsewhere = forge
    ? forge !== 'bitbucket'
    : repoUrl && new URL(repoUrl).origin !== bitbucketPlaces.site;
  if (!isElsewhere) return;
  const message = `is for Bitbucket Cloud, and the repository is ${forge ? `on ${forge}` : `at ${repoUrl}`}`;
  throw new SettingsError([{ name, message }]);
}
