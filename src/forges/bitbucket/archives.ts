import type { ArchivesEntry } from '../archives.ts';
import { readingArchives } from '../reading.ts';
import {
  type BitbucketPlaces,
  bitbucketCredentials,
  bitbucketPlace,
  bitbucketPlaces,
} from './place.ts';

export const createBitbucketArchives = (places: BitbucketPlaces): ArchivesEntry => ({
  id: 'bitbucket',
  signs: ['bitbucketToken'],
  credentials: (loaded) => bitbucketCredentials(loaded, [places.site, places.api]),
  open(loaded, order, deps) {
    const { api, webUrl, ...site } = bitbucketPlace(loaded, order, places);
    const place = {
      ...site,
      archiveUrl: (commit: string) => `${webUrl}/get/${commit}.tar.gz`,
      commitUrl: (commit: string | undefined) =>
        commit ? `${api}/commit/${commit}` : `${api}/commits?pagelen=1`,
    };
    return readingArchives(place, deps);
  },
});

export const bitbucketArchives = createBitbucketArchives(bitbucketPlaces);
