import type { Facts, FactsEntry, Patience } from '../facts.ts';
import { demandExchangeable, diversionCredentials, type Place, placeOf } from './place.ts';
import { itemsIn, listRefs, type Repository, readRepository } from './repository.ts';
import { createSession, type Session } from './session.ts';

const perPage = 100;
/** A commit that lies further back is taken for one of another branch. */
const mostPages = 50;

/** Branches, tags and their histories, by https://docs.diversion.dev/api-reference. */
export const diversionFacts: FactsEntry = {
  id: 'diversion',
  credentials: diversionCredentials,
  open(loaded, order, { http, clock }) {
    const place = placeOf(loaded, order);
    demandExchangeable(place, 'use an API token, for it is asked what refs and events name');
    return createFacts(place, createSession(place, { http, clock }));
  },
};

function createFacts(place: Place, session: Session): Facts {
  let found: Repository | undefined;
  const repository = async ({ signal }: Patience): Promise<Repository> => {
    found ??= await readRepository(session, place.repo, signal);
    return found;
  };
  const all: Facts['list'] = async (kind, start, _commit, patience) => {
    const refs = await listRefs(session, await repository(patience), kind, patience.signal);
    return { refs: refs.filter(({ name }) => name.startsWith(start)), isCut: false };
  };
  return {
    place: `${place.repo} on ${new URL(place.apiUrl).host}`,
    setting: place.setting,
    async tipOf(kind, name, patience) {
      const { refs } = await all(kind, name, '', patience);
      const commit = refs.find((ref) => ref.name === name)?.commit;
      return commit === undefined ? undefined : { commit };
    },
    async holds(tip, commit, patience) {
      const { id } = await repository(patience);
      return isInHistory(session, id, { tip, commit }, patience);
    },
    list: all,
  };
}

async function isInHistory(
  session: Session,
  id: string,
  { tip, commit }: { readonly tip: string; readonly commit: string },
  { signal }: Patience,
): Promise<boolean> {
  for (let page = 0; page < mostPages; page += 1) {
    const query = new URLSearchParams({
      ...{ ref_ids: tip, limit: String(perPage), skip: String(page * perPage) },
    });
    const path = `/repos/${id}/commits?${query}`;
    const ids = await session.ask(path, { thing: `the history of ${tip}`, signal }, (body) =>
      itemsIn(body).map(({ commit_id }) => commit_id),
    );
    if (ids?.includes(commit)) return true;
    if (!ids || ids.length === 0) return false;
  }
  return false;
}
