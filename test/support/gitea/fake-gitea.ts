import { type Asked, type Forge, serveForge, type Told, told, unknown } from '../forge/server.ts';
import { history } from '../github/git.ts';
import type { Repo } from '../github/world.ts';

const brief = 'stat=false&verification=false&files=false';
/** What this one gives at most, whatever is asked for. */
const mostListed = 30;

/** A Gitea or Forgejo with one repository; `base` where it lives below a path. */
export const fakeGitea = (repo: string, token: string | undefined, base = ''): Promise<Forge> =>
  serveForge({
    read(url): Asked | undefined {
      const api = `${base}/api/v1/repos/${repo}/`;
      if (!url.pathname.startsWith(api)) return undefined;
      const rest = `${url.pathname.slice(api.length)}${url.search}`;
      const [, sha] = /^archive\/([0-9a-f]{40,64})\.tar\.gz$/.exec(rest) ?? [];
      if (sha) return { exchange: 'archive', commit: sha };
      const [, one, how] = /^git\/commits\/([0-9a-f]{40,64})\?(.*)$/.exec(rest) ?? [];
      if (one && how === brief) return { exchange: 'commit', commit: one };
      if (rest === `commits?limit=1&${brief}`) return { exchange: 'commit', commit: undefined };
      return undefined;
    },
    tell: (url, git) => {
      const api = `${base}/api/v1/repos/${repo}/`;
      return url.pathname.startsWith(api)
        ? tell(`${url.pathname.slice(api.length)}${url.search}`, git)
        : undefined;
    },
    credential: token ? ['authorization', `token ${token}`] : undefined,
    refusal: (status) => JSON.stringify({ message: `not so: ${status}`, url: '/api/swagger' }),
    shown: (sha) => ({ sha, url: `/api/v1/repos/${repo}/git/commits/${sha}` }),
  });

function tell(rest: string, git: Repo): Told | undefined {
  const branch = (name: string, id: string) => ({ name, commit: { id, message: 'A commit' } });
  const tag = (name: string, sha: string) => ({
    name,
    id: git.annotated.get(name) ?? sha,
    commit: { sha, url: `/git/commits/${sha}` },
  });
  const [, group, page] = /^(branches|tags)\?page=(\d+)&limit=50$/.exec(rest) ?? [];
  if (group) {
    const [all, show] = group === 'tags' ? [git.tags, tag] : [git.branches, branch];
    const shown = [...all].map(([name, sha]) => show(name, sha));
    return told(shown.slice((Number(page) - 1) * mostListed, Number(page) * mostListed));
  }
  const [, one, path] = /^(branches|tags)\/([^?]+)$/.exec(rest) ?? [];
  if (one && path) {
    const name = path.split('/').map(decodeURIComponent).join('/');
    const sha = (one === 'tags' ? git.tags : git.branches).get(name);
    return told(sha && (one === 'tags' ? tag(name, sha) : branch(name, sha)));
  }
  const [, sha = '', not = '', how] =
    /^commits\?sha=([0-9a-f]{40})&not=([0-9a-f]{40})&limit=1&(.*)$/.exec(rest) ?? [];
  if (how !== brief) return undefined;
  if (!git.commits.has(sha)) return unknown;
  const without = history(git, not).map((each) => each.sha);
  const missing = history(git, sha).filter((each) => !without.includes(each.sha));
  return told(missing.slice(0, 1).map((each) => ({ sha: each.sha })));
}
