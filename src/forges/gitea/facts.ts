import { ask, idIn, isRefName, pathOf } from '../asking.ts';
import type { Facts, FactsDeps, FactsEntry, Listed, Listing } from '../facts.ts';
import { createForgeHttp } from '../forge-http.ts';
import type { Site } from '../reading.ts';
import { brief, giteaCredentials, giteaPlace } from './place.ts';

/** What Gitea gives at most unless its operator says otherwise. */
const pageSize = 50;
const mostPages = 20;

/** https://docs.gitea.com/api/ (repoGetBranch, repoGetTag, repoGetAllCommits); Forgejo answers alike. */
export const giteaFacts: FactsEntry = {
  id: 'gitea',
  credentials: giteaCredentials,
  open: (loaded, order, deps) => createFacts(giteaPlace(loaded, order), deps),
};

type Branch = { readonly name: string; readonly commit: { readonly id: string } };
type Tag = {
  readonly name: string;
  /** Its own, where it is annotated. */
  readonly id: string;
  readonly commit: { readonly sha: string };
};

function createFacts({ api, ...site }: Site & { readonly api: string }, deps: FactsDeps): Facts {
  const forge = createForgeHttp(deps);
  return {
    place: `${site.repo} on ${site.host}`,
    setting: site.setting,
    async tipOf(kind, name, { signal }) {
      if (!isRefName(name)) return undefined;
      const thing = `${kind} ${name}`;
      if (kind === 'branch') {
        const url = `${api}/branches/${pathOf(name)}`;
        return ask(forge, site, { url, thing, signal }, (body) => ({
          commit: idIn((body as Branch).commit.id),
        }));
      }
      const url = `${api}/tags/${pathOf(name)}`;
      return ask(forge, site, { url, thing, signal }, (body) => {
        const { id, commit } = body as Tag;
        return { commit: idIn(commit.sha), ...(id === commit.sha ? {} : { tagObject: id }) };
      });
    },
    /** What the commit has and the tip has not: nothing. A server that does not know `not` says too much, never too little. */
    async holds(tip, commit, { signal }) {
      const url = `${api}/commits?sha=${commit}&not=${tip}&limit=1&${brief}`;
      const missing = await ask(
        forge,
        site,
        { url, thing: `commit ${commit}`, signal },
        (body) => [...(body as readonly unknown[])].length,
      );
      return missing === 0;
    },
    list: (kind, start, _commit, { signal }) =>
      listAll(start, (page) => {
        const group = kind === 'branch' ? 'branches' : 'tags';
        const url = `${api}/${group}?page=${page}&limit=${pageSize}`;
        return ask(forge, site, { url, thing: `a list of ${group}`, signal }, (body) =>
          (body as readonly (Branch & Tag)[]).map(({ name, commit }) => ({
            name,
            commit: idIn(commit.id ?? commit.sha),
          })),
        );
      }),
  };
}

async function listAll(
  start: string,
  read: (page: number) => Promise<readonly Listed[] | undefined>,
): Promise<Listing> {
  const refs: Listed[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const found = (await read(page)) ?? [];
    refs.push(...found.filter(({ name }) => name.startsWith(start)));
    // An operator may have set fewer than we ask for: only an empty page is the end.
    if (found.length === 0) return { refs, isCut: false };
  }
  return { refs, isCut: true };
}
