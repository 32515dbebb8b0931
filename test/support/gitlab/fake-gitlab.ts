import { type Asked, type Forge, serveForge } from '../forge/server.ts';

/** A GitLab with one project. https://docs.gitlab.com/api/repositories/#get-file-archive */
export const fakeGitlab = (repo: string, token: string | undefined, base = ''): Promise<Forge> =>
  serveForge({
    read(url): Asked | undefined {
      const api = `${base}/api/v4/projects/${encodeURIComponent(repo)}/repository/`;
      if (!url.pathname.startsWith(api)) return undefined;
      const rest = `${url.pathname.slice(api.length)}${url.search}`;
      const [, sha] = /^archive\.tar\.gz\?sha=([0-9a-f]{40,64})$/.exec(rest) ?? [];
      if (sha) return { exchange: 'archive', commit: sha };
      const [, one] = /^commits\/([0-9a-f]{40,64})\?stats=false$/.exec(rest) ?? [];
      if (one) return { exchange: 'commit', commit: one };
      return rest === 'commits?per_page=1' ? { exchange: 'commit', commit: undefined } : undefined;
    },
    credential: token ? ['private-token', token] : undefined,
    refusal: (status) =>
      JSON.stringify(
        status === 401 ? { message: '401 Unauthorized' } : { message: `${status} Not so` },
      ),
    shown: (id) => ({ id, short_id: id.slice(0, 8), title: 'A commit' }),
  });
