import { ask, idIn, isRefName, pathOf } from '../asking.ts';
import type { Facts, FactsDeps, FactsEntry, Listed, Listing, Patience, RefKind } from '../facts.ts';
import { createForgeHttp } from '../forge-http.ts';
import { type BitbucketDcPlace, bitbucketDcCredentials, bitbucketDcPlace } from './place.ts';

const pageSize = 100;
const mostPages = 10;

/** https://developer.atlassian.com/server/bitbucket/rest/ (branches, tags, commits between two). */
export const bitbucketDcFacts: FactsEntry = {
  id: 'bitbucket-dc',
  credentials: bitbucketDcCredentials,
  open: (loaded, order, deps) => createFacts(bitbucketDcPlace(loaded, order), deps),
};

type Ref = {
  readonly displayId: string;
  readonly latestCommit: string;
  /** Of an annotated tag its own id. */
  readonly hash?: string | null;
};
type Page = {
  readonly values: readonly Ref[];
  readonly isLastPage: boolean;
  readonly nextPageStart?: number | null;
};

function createFacts({ api, ...site }: BitbucketDcPlace, deps: FactsDeps): Facts {
  const forge = createForgeHttp(deps);

  /** Its filter looks for a part of the name, in any case. */
  async function listRefs(kind: RefKind, part: string, { signal }: Patience): Promise<Listing> {
    const group = kind === 'branch' ? 'branches' : 'tags';
    const refs: Listed[] = [];
    let start = 0;
    for (let page = 0; page < mostPages; page += 1) {
      const query = new URLSearchParams({
        ...(part ? { filterText: part } : {}),
        ...{ limit: String(pageSize), start: String(start) },
      });
      const question = { url: `${api}/${group}?${query}`, thing: `a list of ${group}`, signal };
      const found = await ask(forge, site, question, (body) => {
        const { values, isLastPage, nextPageStart } = body as Page;
        const named = values.map(({ displayId, latestCommit }) => ({
          name: displayId,
          commit: idIn(latestCommit),
        }));
        return { named, next: isLastPage ? undefined : nextPageStart };
      });
      refs.push(...(found?.named ?? []).filter(({ name }) => name.startsWith(part)));
      if (found?.next == null) return { refs, isCut: false };
      start = found.next;
    }
    return { refs, isCut: true };
  }

  return {
    place: `${site.repo} on ${site.host}`,
    setting: site.setting,
    async tipOf(kind, name, patience) {
      if (!isRefName(name)) return undefined;
      if (kind === 'branch') {
        const { refs } = await listRefs(kind, name, patience);
        const commit = refs.find((ref) => ref.name === name)?.commit;
        return commit === undefined ? undefined : { commit };
      }
      const question = { url: `${api}/tags/${pathOf(name)}`, thing: `tag ${name}` };
      return ask(forge, site, { ...question, signal: patience.signal }, (body) => {
        const { latestCommit, hash } = body as Ref;
        return { commit: idIn(latestCommit), ...(hash ? { tagObject: hash } : {}) };
      });
    },
    /** What the commit has and the tip has not: nothing. */
    async holds(tip, commit, { signal }) {
      const url = `${api}/commits?until=${commit}&since=${tip}&limit=1`;
      const question = { url, thing: `commit ${commit}`, signal };
      const missing = await ask(forge, site, question, (body) => [...(body as Page).values].length);
      return missing === 0;
    },
    list: (kind, start, _commit, patience) => listRefs(kind, start, patience),
  };
}
