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

export type BitbucketPlace = Site & {
  /** Of the repository. */
  readonly api: string;
  /** Of the repository, for people. */
  readonly webUrl: string;
};

/** How the order's repository is asked. */
export function bitbucketPlace(
  loaded: Loaded,
  order: Order,
  { site, api }: BitbucketPlaces,
): BitbucketPlace {
  const repo = repoOf(order, 'one');
  const { setting, authorization } = credentialOf(loaded);
  demandHome(order, setting);
  return {
    repo,
    api: `${api}/repositories/${repo}`,
    webUrl: `${site}/${repo}`,
    host: new URL(site).host,
    headers: authorization ? { authorization } : {},
    setting,
    needs: 'to read repositories (`read:repository:bitbucket`, or `repository`)',
  };
}

export const bitbucketCredentials = (
  loaded: Loaded,
  hosts: readonly string[],
): readonly CredentialUse[] =>
  hasCredential(loaded)
    ? hosts.map((url) => ({ setting: settingIn(loaded), host: new URL(url).host }))
    : [];

export const hasCredential = (loaded: Loaded): boolean => {
  const { bitbucketToken, bitbucketAppPassword } = valuesOf(loaded);
  return (bitbucketToken ?? bitbucketAppPassword) !== undefined;
};

/** Half of a credential is none. */
export const lackOfBitbucket = (loaded: Loaded): string | undefined =>
  valuesOf(loaded).bitbucketUsername === undefined
    ? undefined
    : 'bitbucket_username is set, and bitbucket_app_password is not';

const settingIn = (loaded: Loaded): string =>
  valuesOf(loaded).bitbucketToken === undefined &&
  valuesOf(loaded).bitbucketAppPassword !== undefined
    ? 'bitbucket_app_password'
    : 'bitbucket_token';

const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof bitbucketSettings>;

/** A token goes before a password, which may have come along from another step. */
function credentialOf(loaded: Loaded): {
  readonly setting: string;
  readonly authorization: string | undefined;
} {
  const { bitbucketToken: token, bitbucketUsername: user } = valuesOf(loaded);
  const { bitbucketAppPassword: password } = valuesOf(loaded);
  if (token !== undefined || password === undefined) {
    // A user beside a token is whose API token it is; beside a token and a password, the password's.
    const ofUser = user !== undefined && password === undefined && !token?.includes(':');
    const authorization = token && authorizationOf(ofUser ? `${user}:${token}` : token);
    return { setting: writtenName(loaded, 'bitbucketToken'), authorization };
  }
  const setting = writtenName(loaded, 'bitbucketAppPassword');
  if (user !== undefined) return { setting, authorization: basic(`${user}:${password}`) };
  const message = 'is required beside bitbucket_app_password';
  throw new SettingsError([{ name: 'bitbucket_username', message }]);
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

/** An API token is a person's, and goes with an address; an access token stands alone. */
const authorizationOf = (token: string): string =>
  token.includes(':') ? basic(token) : `Bearer ${token}`;

function demandHome({ forge, repoUrl }: Order, name: string): void {
  const isElsewhere = forge
    ? forge !== 'bitbucket'
    : repoUrl && new URL(repoUrl).origin !== bitbucketPlaces.site;
  if (!isElsewhere) return;
  const message = `is for Bitbucket Cloud, and the repository is ${forge ? `on ${forge}` : `at ${repoUrl}`}`;
  throw new SettingsError([{ name, message }]);
}
