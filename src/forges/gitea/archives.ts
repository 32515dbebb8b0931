import type { Order } from '../../order.ts';
import type { Values } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';
import type { ArchivesEntry } from '../archives.ts';
import { baseUrlOf } from '../base-url.ts';
import { readingArchives } from '../reading.ts';
import { repoOf } from '../repo.ts';
import type { giteaSettings } from './settings.ts';

/** https://docs.gitea.com/api/ (repoGetArchive); Forgejo answers alike. */
export const giteaArchives: ArchivesEntry = {
  id: 'gitea',
  signs: ['giteaToken', 'giteaUrl'],
  credentials: (loaded, order) =>
    valuesOf(loaded).giteaToken
      ? [{ setting: 'gitea_token', host: new URL(urlOf(loaded, order)).host }]
      : [],
  open(loaded, order, deps) {
    const { giteaToken: token } = valuesOf(loaded);
    const base = urlOf(loaded, order);
    const repo = repoOf(order, 'one');
    const api = `${base}/api/v1/repos/${repo}`;
    const brief = 'stat=false&verification=false&files=false';
    const place = {
      repo,
      host: new URL(base).host,
      archiveUrl: (commit: string) => `${api}/archive/${commit}.tar.gz`,
      commitUrl: (commit: string | undefined) =>
        commit ? `${api}/git/commits/${commit}?${brief}` : `${api}/commits?limit=1&${brief}`,
      headers: token ? { authorization: `token ${token}` } : {},
      setting: writtenName(loaded, 'giteaToken'),
      needs: 'the scope `read:repository`',
    };
    return readingArchives(place, deps);
  },
};

const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof giteaSettings>;

const urlOf = (loaded: Loaded, order: Order): string =>
  baseUrlOf(
    { id: 'gitea', name: writtenName(loaded, 'giteaUrl'), written: valuesOf(loaded).giteaUrl },
    order,
  );
