import { type Asked, type Forge, serveForge, type Told, told, unknown } from '../forge/server.ts';
import { compare } from '../github/git.ts';
import type { Repo } from '../github/world.ts';

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
    tell: (url, git, here) => tell(url, git, `/2.0/repositories/${repo}`, here),
    credential: credential ? ['authorization', credential] : undefined,
    refusal: (status) => JSON.stringify({ type: 'error', error: { message: `Not so: ${status}` } }),
    shown: (hash) => ({ type: 'commit', hash }),
  });

const after = (path: string, start: string): string | undefined =>
  path.startsWith(start) ? path.slice(start.length) : undefined;

function tell(url: URL, git: Repo, api: string, here: string): Told | undefined {
  const rest = after(url.pathname, api) ?? '';
  const query = url.searchParams;
  const [, group] = /^\/refs\/(branches|tags)$/.exec(rest) ?? [];
  if (group) {
    const fits = filterOf(query.get('q'));
    if (!fits || query.get('pagelen') !== '100' || query.get('sort') !== 'name') return undefined;
    if (query.get('fields') !== 'values.name,values.target.hash,next') return undefined;
    const all = [...(group === 'tags' ? git.tags : git.branches)]
      .filter(([name]) => fits(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, hash]) => ({ name, target: { hash } }));
    const page = Number(query.get('page') ?? 1);
    const next = new URL(url.href.slice(url.origin.length), here);
    next.searchParams.set('page', String(page + 1));
    const isLast = page * 100 >= all.length;
    const values = all.slice((page - 1) * 100, page * 100);
    return told({ values, ...(isLast ? {} : { next: next.href }) });
  }
  const [, one = '', two = ''] =
    /^\/merge-base\/([0-9a-f]{40})\.\.([0-9a-f]{40})$/.exec(rest) ?? [];
  if (!one || url.search !== '?fields=hash') return undefined;
  const { merge } = compare(git, one, two) ?? {};
  return merge ? told({ hash: merge.sha }) : unknown;
}

/** Its filters, as far as we use them; undefined: none that it would take. */
function filterOf(text: string | null): ((name: string) => boolean) | undefined {
  if (text === null) return () => true;
  const [, how, quoted] = /^name (=|~) ("(?:[^"\\]|\\.)*")$/.exec(text) ?? [];
  if (!quoted) return undefined;
  const wanted = quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  return (name) =>
    how === '=' ? name === wanted : name.toLowerCase().includes(wanted.toLowerCase());
}
