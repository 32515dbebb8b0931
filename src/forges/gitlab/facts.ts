import { ask, idIn, isRefName } from '../asking.ts';
import type { Facts, FactsDeps, FactsEntry, Listed, Listing } from '../facts.ts';
import { createForgeHttp } from '../forge-http.ts';
import { type GitlabPlace, gitlabCredentials, gitlabPlace } from './place.ts';

const pageSize = 100;
const mostPages = 10;

/** https://docs.gitlab.com/api/branches/, /tags/, /repositories/#merge-base and /commits/ (refs of a commit). */
export const gitlabFacts: FactsEntry = {
  id: 'gitlab',
  credentials: gitlabCredentials,
  open: (loaded, order, deps) => createFacts(gitlabPlace(loaded, order), deps),
};

type Ref = {
  readonly name: string;
  readonly commit: { readonly id: string };
  /** Of a tag: its own id, where it is annotated. */
  readonly target?: string;
};

function createFacts({ api, ...site }: GitlabPlace, deps: FactsDeps): Facts {
  const forge = createForgeHttp(deps);
  return {
    place: `${site.repo} on ${site.host}`,
    setting: site.setting,
    async tipOf(kind, name, { signal }) {
      if (!isRefName(name)) return undefined;
      const group = kind === 'branch' ? 'branches' : 'tags';
      const url = `${api}/${group}/${encodeURIComponent(name)}`;
      return ask(forge, site, { url, thing: `${kind} ${name}`, signal }, (body) => {
        const { commit, target } = body as Ref;
        const id = idIn(commit.id);
        return { commit: id, ...(target && target !== id ? { tagObject: target } : {}) };
      });
    },
    async holds(tip, commit, { signal }) {
      const url = `${api}/merge_base?refs[]=${tip}&refs[]=${commit}`;
      // 400 is its word for a commit that it does not know.
      const question = { url, thing: `commit ${commit}`, absent: [400, 404], signal };
      const base = await ask(forge, site, question, (body) => (body as { id?: unknown }).id);
      return base === commit;
    },
    list: (kind, start, commit, { signal }) =>
      listHolders(start, (page) => {
        const url = `${api}/commits/${commit}/refs?type=${kind}&per_page=${pageSize}&page=${page}`;
        return ask(forge, site, { url, thing: `commit ${commit}`, signal }, (body) =>
          (body as readonly { readonly name: string }[]).map(({ name }) => name),
        );
      }),
  };
}

/** GitLab itself says which branches and tags have a commit. */
async function listHolders(
  start: string,
  read: (page: number) => Promise<readonly string[] | undefined>,
): Promise<Listing> {
  const refs: Listed[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const names = (await read(page)) ?? [];
    const mine = names.filter((name) => name.startsWith(start));
    refs.push(...mine.map((name): Listed => ({ name, commit: undefined, holds: true })));
    if (names.length < pageSize) return { refs, isCut: false };
  }
  return { refs, isCut: true };
}
