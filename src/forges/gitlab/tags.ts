import { ask } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { isTagRef, shortRef } from '../ref.ts';
import type { GitlabPlace } from './place.ts';

/** Whether a ref of the run is a tag, asked once. https://docs.gitlab.com/api/tags/ */
export function createTagLook(place: GitlabPlace, forge: ForgeHttp) {
  const known = new Map<string, boolean>();
  return async (ref: string, patience: Patience): Promise<boolean> => {
    if (ref !== shortRef(ref)) return isTagRef(ref);
    const url = `${place.api}/tags/${encodeURIComponent(ref)}`;
    const question = { url, thing: `tag ${ref}`, ...patience };
    const isTag = known.get(ref) ?? (await ask(forge, place, question, isTagRow)) ?? false;
    known.set(ref, isTag);
    return isTag;
  };
}

function isTagRow(body: unknown): true {
  if (typeof (body as { readonly name?: unknown }).name === 'string') return true;
  throw new TypeError('a tag has a name');
}
