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
    const site = bitbucketPlace(loaded, order, places);
    const { repo } = site;
    const place = {
      ...site,
      archiveUrl: (commit: string) => `${places.site}/${repo}/get/${commit}.tar.gz`,
      commitUrl: (commit: string | undefined) =>
        commit
          ? `${places.api}/repositories/${repo}/commit/${commit}`
          : `${places.api}/repositories/${repo}/commits?pagelen=1`,
    };
    return readingArchives(place, deps);
  },
});

export const bitbucketArchives = createBitbucketArchives(bitbucketPlaces);
