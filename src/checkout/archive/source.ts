import { forgeAt } from '../../context/forge-host.ts';
import { SettingsError } from '../../errors.ts';
import type { ArchivesEntry } from '../../forges/archives.ts';
import { bitbucketArchives } from '../../forges/bitbucket/archives.ts';
import { giteaArchives } from '../../forges/gitea/archives.ts';
import { githubArchives } from '../../forges/github/archives.ts';
import { gitlabArchives } from '../../forges/gitlab/archives.ts';
import type { Order } from '../../order.ts';
import { yamlName } from '../../settings/define.ts';
import { type Loaded, writtenName } from '../../settings/load.ts';

const others: readonly ArchivesEntry[] = [bitbucketArchives, giteaArchives, gitlabArchives];
const entries = [githubArchives, ...others];

/**
 * The forge that has the tree: the one that CI names, or its repository's host, else the one whose settings are
 * written. A GitHub token may have come along for something else, so a setting of another forge says more.
 */
export function forgeOf(loaded: Loaded, { forge, repoUrl }: Order): ArchivesEntry {
  const named = forge ?? forgeAt(repoUrl);
  if (named) {
    const entry = entries.find(({ id }) => id === named);
    if (entry) return entry;
    const message = `cannot be archive: there is no way to fetch a tree from ${named} yet`;
    throw new SettingsError([{ name: writtenName(loaded, 'checkout'), message }]);
  }
  const isWritten = (key: string): boolean => (loaded.origins.get(key) ?? 'default') !== 'default';
  const [entry = githubArchives, ...more] = others.filter(({ signs }) => signs.some(isWritten));
  if (more.length === 0) return entry;
  const names = [entry, ...more].flatMap(({ signs }) => signs.filter(isWritten).map(yamlName));
  const message = `finds settings of several forges, and nothing says which has the repository: keep one of ${names.join(', ')}`;
  throw new SettingsError([{ name: writtenName(loaded, 'checkout'), message }]);
}
