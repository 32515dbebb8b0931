import { type Asked, type Forge, serveForge } from '../forge/server.ts';

/** Bitbucket Cloud's site and, below `/2.0`, its API: one host here, two in the world. */
export const fakeBitbucket = (repo: string, credential: string | undefined): Promise<Forge> =>
  serveForge({
    read(url): Asked | undefined {
      const path = `${url.pathname}${url.search}`;
      const [, sha] = /^\/([0-9a-f]{40})\.tar\.gz$/.exec(after(path, `/${repo}/get`) ?? '') ?? [];
      if (sha) return { exchange: 'archive', commit: sha };
      const rest = after(path, `/2.0/repositories/${repo}`);
      const [, one] = /^\/commit\/([0-9a-f]{40})$/.exec(rest ?? '') ?? [];
      if (one) return { exchange: 'commit', commit: one };
      return rest === '/commits?pagelen=1' ? { exchange: 'commit', commit: undefined } : undefined;
    },
    credential: credential ? ['authorization', credential] : undefined,
    refusal: (status) => JSON.stringify({ type: 'error', error: { message: `Not so: ${status}` } }),
    shown: (hash) => ({ type: 'commit', hash }),
  });

const after = (path: string, start: string): string | undefined =>
  path.startsWith(start) ? path.slice(start.length) : undefined;
