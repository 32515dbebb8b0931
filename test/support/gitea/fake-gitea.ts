import { type Asked, type Forge, serveForge } from '../forge/server.ts';

/** A Gitea or Forgejo with one repository; `base` where it lives below a path. */
export const fakeGitea = (repo: string, token: string | undefined, base = ''): Promise<Forge> =>
  serveForge({
    read(url): Asked | undefined {
      const api = `${base}/api/v1/repos/${repo}/`;
      if (!url.pathname.startsWith(api)) return undefined;
      const rest = `${url.pathname.slice(api.length)}${url.search}`;
      const [, sha] = /^archive\/([0-9a-f]{40,64})\.tar\.gz$/.exec(rest) ?? [];
      if (sha) return { exchange: 'archive', commit: sha };
      const brief = 'stat=false&verification=false&files=false';
      const [, one, how] = /^git\/commits\/([0-9a-f]{40,64})\?(.*)$/.exec(rest) ?? [];
      if (one && how === brief) return { exchange: 'commit', commit: one };
      if (rest === `commits?limit=1&${brief}`) return { exchange: 'commit', commit: undefined };
      return undefined;
    },
    credential: token ? ['authorization', `token ${token}`] : undefined,
    refusal: (status) => JSON.stringify({ message: `not so: ${status}`, url: '/api/swagger' }),
    shown: (sha) => ({ sha, url: `/api/v1/repos/${repo}/git/commits/${sha}` }),
  });
