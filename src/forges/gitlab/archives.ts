import { SettingsError } from '../../errors.ts';
import type { ArchivesEntry } from '../archives.ts';
import { readingArchives } from '../reading.ts';
import { gitlabCredentials, gitlabPlace, isJobToken, valuesOf } from './place.ts';

/** https://docs.gitlab.com/api/repositories/#get-file-archive */
export const gitlabArchives: ArchivesEntry = {
  id: 'gitlab',
  signs: ['gitlabToken', 'gitlabUrl'],
  credentials: gitlabCredentials,
  open(loaded, order, deps) {
    const { api, ...site } = gitlabPlace(loaded, order);
    if (isJobToken(valuesOf(loaded).gitlabToken)) {
      const message = 'is a CI_JOB_TOKEN, which may not read archives: use a project access token';
      throw new SettingsError([{ name: site.setting, message }]);
    }
    const place = {
      ...site,
      archiveUrl: (commit: string) => `${api}/archive.tar.gz?sha=${commit}`,
      commitUrl: (commit: string | undefined) =>
        commit ? `${api}/commits/${commit}?stats=false` : `${api}/commits?per_page=1`,
    };
    return readingArchives(place, deps);
  },
};
