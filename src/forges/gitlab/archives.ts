import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { ArchivesEntry } from '../archives.ts';
import { baseUrlOf } from '../base-url.ts';
import { readingArchives } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { gitlabSettings } from './settings.ts';

/** https://docs.gitlab.com/api/repositories/#get-file-archive */
export const gitlabArchives: ArchivesEntry = {
  id: 'gitlab',
  signs: ['gitlabToken', 'gitlabUrl'],
  credentials: (loaded, order) =>
    valuesOf(loaded).gitlabToken
      ? [{ setting: 'gitlab_token', host: new URL(urlOf(loaded, order)).host }]
      : [],
  open(loaded, order, deps) {
    const { gitlabToken: token } = valuesOf(loaded);
    const base = urlOf(loaded, order);
    const repo = repoOf(order);
    const api = `${base}/api/v4/projects/${encodeURIComponent(repo)}/repository`;
    const place = {
      repo,
      host: new URL(base).host,
      archiveUrl: (commit: string) => `${api}/archive.tar.gz?sha=${commit}`,
      commitUrl: (commit: string | undefined) =>
        commit ? `${api}/commits/${commit}?stats=false` : `${api}/commits?per_page=1`,
      headers: token ? { 'private-token': token } : {},
      setting: writtenName(loaded, 'gitlabToken'),
      needs: 'the scope `read_api` and the role Reporter',
    };
    return readingArchives(place, deps);
  },
};

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
