import type { Context } from './context.ts';
import { hostOf } from './repo-url.ts';

const forges = new Map<string, Context['forge']>([
  ['github.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['bitbucket.org', 'bitbucket'],
  ['codeberg.org', 'gitea'],
  ['gitea.com', 'gitea'],
]);

/** The forge where its host leaves no doubt; a host of one's own may run any of them. */
export function forgeAt(url: string | undefined): Context['forge'] {
  const host = hostOf(url) ?? '';
  return host.endsWith('.ghe.com') ? 'github' : forges.get(host);
}
