import { SettingsError } from '../../errors.ts';
import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { ArchivesEntry } from '../archives.ts';
import { readingArchives } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { bitbucketSettings } from './settings.ts';

/** Bitbucket Cloud is in one place. Its API has no archives: the site has, and takes the same header. */
const site = 'https://bitbucket.org';
const api = 'https://api.bitbucket.org/2.0';

export type BitbucketPlaces = { readonly site: string; readonly api: string };

export const createBitbucketArchives = (places: BitbucketPlaces): ArchivesEntry => ({
  id: 'bitbucket',
  signs: ['bitbucketToken'],
  credentials: (loaded) =>
    valuesOf(loaded).bitbucketToken
      ? [places.site, places.api].map((url) => ({
          setting: 'bitbucket_token',
          host: new URL(url).host,
        }))
      : [],
  open(loaded, order, deps) {
    const { bitbucketToken: token } = valuesOf(loaded);
    const repo = repoOf(order, 'one');
    demandHome(order, writtenName(loaded, 'bitbucketToken'));
    const place = {
      repo,
      host: new URL(places.site).host,
      archiveUrl: (commit: string) => `${places.site}/${repo}/get/${commit}.tar.gz`,
      commitUrl: (commit: string | undefined) =>
        commit
          ? `${places.api}/repositories/${repo}/commit/${commit}`
          : `${places.api}/repositories/${repo}/commits?pagelen=1`,
      headers: token ? { authorization: authorizationOf(token) } : {},
      setting: writtenName(loaded, 'bitbucketToken'),
      needs: 'to read repositories (`read:repository:bitbucket`, or `repository`)',
    };
    return readingArchives(place, deps);
  },
});

export const bitbucketArchives = createBitbucketArchives({ site, api });

const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof bitbucketSettings>;

/** An API token is a person's, and goes with an address; an access token stands alone. */
const authorizationOf = (token: string): string =>
  token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;

function demandHome({ forge, repoUrl }: Order, name: string): void {
  const isElsewhere = forge ? forge !== 'bitbucket' : repoUrl && new URL(repoUrl).origin !== site;
  if (!isElsewhere) return;
  const message = `is for Bitbucket Cloud, and the repository is ${forge ? `on ${forge}` : `at ${repoUrl}`}`;
  throw new SettingsError([{ name, message }]);
}
