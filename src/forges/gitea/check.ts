import { RemoteError } from '../../errors.ts';
import type { Finding } from '../../targets/target.ts';
import { ask } from '../asking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { gogsText, isGogs } from './gogs.ts';
import type { GiteaPlace } from './place.ts';

type Repo = {
  readonly archived?: boolean;
  readonly permissions?: { readonly push?: boolean };
};

/** A harmless read that tells whether whoever the token is of may push, which is what statuses take. */
export async function checkGitea(
  forge: ForgeHttp,
  place: GiteaPlace,
  patience: Patience,
): Promise<readonly Finding[]> {
  const { repo, host, setting } = place;
  try {
    const thing = `repository ${repo}`;
    const question = { url: place.api, thing, absent: [], ...patience };
    const found = await ask(forge, place, question, (body) => ({ ...(body as Repo) }));
    const seen: Finding = { ok: true, text: `repository ${repo} is visible on ${host}` };
    if (found?.archived) return [seen, { ok: false, text: `repository ${repo} is archived` }];
    if (found?.permissions?.push === false) {
      return [seen, { ok: false, text: `${setting} is of a user who may not push to ${repo}` }];
    }
    if (await isGogs(forge, place, patience)) return [seen, { ok: false, text: gogsText(host) }];
    const text = 'whether the token has the scope `write:repository` shows only when it writes';
    return [seen, { ok: 'not provable', text }];
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return [{ ok: error.kind === 'unavailable' ? 'not provable' : false, text: error.message }];
  }
}
