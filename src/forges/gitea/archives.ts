import type { ArchivesEntry } from '../archives.ts';
import { readingArchives } from '../reading.ts';
import { brief, giteaCredentials, giteaPlace } from './place.ts';

/** https://docs.gitea.com/api/ (repoGetArchive); Forgejo answers alike. */
export const giteaArchives: ArchivesEntry = {
  id: 'gitea',
  signs: ['giteaToken', 'giteaUrl'],
  credentials: giteaCredentials,
  open(loaded, order, deps) {
    const { api, ...site } = giteaPlace(loaded, order);
    const place = {
      ...site,
      archiveUrl: (commit: string) => `${api}/archive/${commit}.tar.gz`,
      commitUrl: (commit: string | undefined) =>
        commit ? `${api}/git/commits/${commit}?${brief}` : `${api}/commits?limit=1&${brief}`,
    };
    return readingArchives(place, deps);
  },
};
