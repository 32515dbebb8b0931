import { type Asked, type Forge, serveForge, type Told, told, unknown } from '../forge/server.ts';
import { compare, history } from '../github/git.ts';
import type { Repo } from '../github/world.ts';

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
    tell: (url, git) => {
      const api = `${base}/api/v4/projects/${encodeURIComponent(repo)}/repository/`;
      return url.pathname.startsWith(api)
        ? tell(`${url.pathname.slice(api.length)}${url.search}`, git)
        : undefined;
    },
    credential: token ? ['private-token', token] : undefined,
    refusal: (status) =>
      JSON.stringify(
        status === 401 ? { message: '401 Unauthorized' } : { message: `${status} Not so` },
      ),
    shown: (id) => ({ id, short_id: id.slice(0, 8), title: 'A commit' }),
  });

function tell(rest: string, git: Repo): Told | undefined {
  const [, group, name] = /^(branches|tags)\/([^/?]+)$/.exec(rest) ?? [];
  if (group && name) {
    const ref = decodeURIComponent(name);
    const id = (group === 'tags' ? git.tags : git.branches).get(ref);
    const target = group === 'tags' ? { target: git.annotated.get(ref) ?? id } : {};
    return told(id && { name: ref, commit: { id, short_id: id.slice(0, 8) }, ...target });
  }
  const [, one = '', two = ''] =
    /^merge_base\?refs\[\]=([0-9a-f]{40})&refs\[\]=([0-9a-f]{40})$/.exec(rest) ?? [];
  if (one && two) {
    if (!git.commits.has(one) || !git.commits.has(two)) return { status: 400 };
    const { merge } = compare(git, one, two) ?? {};
    return told(merge && { id: merge.sha });
  }
  const [, sha = '', type, page] =
    /^commits\/([0-9a-f]{40})\/refs\?type=(branch|tag)&per_page=100&page=(\d+)$/.exec(rest) ?? [];
  if (!type) return undefined;
  if (!git.commits.has(sha)) return unknown;
  const holders = [...(type === 'tag' ? git.tags : git.branches)]
    .filter(([, tip]) => history(git, tip).some((each) => each.sha === sha))
    .map(([name]) => ({ type, name }));
  return told(holders.slice((Number(page) - 1) * 100, Number(page) * 100));
}
