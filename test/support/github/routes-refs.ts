import { nodeId, type Places, repoUrl } from './places.ts';
import { notFound } from './refusal.ts';
import type { Route } from './route.ts';
import type { Repo } from './world.ts';

/** A branch or a tag as git has it: of an annotated tag the tag's own id. */
function showRef(repo: Repo, ref: string, places: Places): object | undefined {
  const [, group, name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const commit = (group === 'heads' ? repo.branches : repo.tags).get(name);
  if (!group || commit === undefined) return undefined;
  const own = group === 'tags' ? repo.annotated.get(name) : undefined;
  const url = `${repoUrl(repo, places)}/git`;
  const object = own
    ? { type: 'tag', sha: own, url: `${url}/tags/${own}` }
    : { type: 'commit', sha: commit, url: `${url}/commits/${commit}` };
  return { ref, node_id: nodeId('Ref', ref), url: `${url}/${ref}`, object };
}

export const refRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/git/ref/{ref}',
    needs: ['contents', 'read'],
    serve({ repo, params, places }) {
      const body = showRef(repo, `refs/${params.ref}`, places);
      if (!body) throw notFound();
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/git/matching-refs/{ref}',
    needs: ['contents', 'read'],
    serve({ repo, params, places }) {
      const heads = [...repo.branches.keys()].map((name) => `refs/heads/${name}`);
      const tags = [...repo.tags.keys()].map((name) => `refs/tags/${name}`);
      const found = [...heads, ...tags]
        .filter((ref) => ref.startsWith(`refs/${params.ref}`))
        .toSorted();
      return { status: 200, body: found.map((ref) => showRef(repo, ref, places)) };
    },
  },
];
