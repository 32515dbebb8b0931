import { ask, idIn, isRefName } from '../asking.ts';
import type { Facts, FactsDeps, FactsEntry, Listed, Listing, Patience, RefKind } from '../facts.ts';
import { createForgeHttp } from '../forge-http.ts';
import {
  type BitbucketPlace,
  type BitbucketPlaces,
  bitbucketCredentials,
  bitbucketPlace,
  bitbucketPlaces,
} from './place.ts';

const pageSize = 100;
const mostPages = 10;

/** https://developer.atlassian.com/cloud/bitbucket/rest/ (refs, merge-base; filters and pages in its introduction). */
export const createBitbucketFacts = (places: BitbucketPlaces): FactsEntry => ({
  id: 'bitbucket',
  credentials: (loaded) => bitbucketCredentials(loaded, [places.api]),
  open: (loaded, order, deps) => createFacts(bitbucketPlace(loaded, order, places), deps),
});

export const bitbucketFacts = createBitbucketFacts(bitbucketPlaces);

type Ref = { readonly name: string; readonly target: { readonly hash: string } };
type Page = { readonly values: readonly Ref[]; readonly next?: string };

function createFacts(site: BitbucketPlace, deps: FactsDeps): Facts {
  const forge = createForgeHttp(deps);
  const { api } = site;

  /** A filter finds names with slashes, which a path would cut. */
  const read = (kind: RefKind, test: string, url: string | undefined, { signal }: Patience) => {
    const group = kind === 'branch' ? 'branches' : 'tags';
    const query = new URLSearchParams({
      ...(test ? { q: test } : {}),
      ...{ pagelen: String(pageSize), sort: 'name' },
      fields: 'values.name,values.target.hash,next',
    });
    const first = `${api}/refs/${group}?${query}`;
    return ask(forge, site, { url: url ?? first, thing: `a list of ${group}`, signal }, (body) => {
      const { values, next } = body as Page;
      const refs = values.map(({ name, target }) => ({ name, commit: idIn(target.hash) }));
      return { refs, next };
    });
  };

  return {
    place: `${site.repo} on ${site.host}`,
    setting: site.setting,
    async tipOf(kind, name, patience) {
      if (!isRefName(name)) return undefined;
      const page = await read(kind, `name = ${textOf(name)}`, undefined, patience);
      const found = page?.refs.find((ref) => ref.name === name);
      return found && { commit: found.commit };
    },
    async holds(tip, commit, { signal }) {
      const url = `${api}/merge-base/${commit}..${tip}?fields=hash`;
      const base = await ask(forge, site, { url, thing: `commit ${commit}`, signal }, (body) =>
        String((body as { hash?: unknown }).hash),
      );
      return base === commit;
    },
    async list(kind, start, _commit, patience): Promise<Listing> {
      const refs: Listed[] = [];
      let next: string | undefined;
      for (let page = 0; page < mostPages; page += 1) {
        const found = await read(kind, start ? `name ~ ${textOf(start)}` : '', next, patience);
        refs.push(...(found?.refs ?? []).filter(({ name }) => name.startsWith(start)));
        next = nextOf(found?.next, api);
        if (!next) return { refs, isCut: false };
      }
      return { refs, isCut: true };
    },
  };
}

/** A text in its filters. */
const textOf = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The credential goes where the repository is, whatever an answer says. */
const nextOf = (next: string | undefined, api: string): string | undefined =>
  next?.startsWith(`${api}/refs/`) ? next : undefined;
