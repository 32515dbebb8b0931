import type { Finding } from '../../targets/target.ts';
import { ask } from '../asking.ts';
import { readFindings } from '../checking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import { gogsText, isGogs } from './gogs.ts';
import type { GiteaPlace } from './place.ts';

type Repo = {
  readonly archived?: boolean;
  readonly permissions?: { readonly push?: boolean };
};

/** Whether whoever the token is of may push, which is what statuses take. */
export const checkGitea = (
  place: GiteaPlace,
  forge: ForgeHttp,
  patience: Patience,
): Promise<readonly Finding[]> =>
  readFindings(async (found) => {
    const { repo, host, setting } = place;
    const question = { url: place.api, absent: [], ...patience };
    const seen = await ask(forge, place, question, (body) => ({ ...(body as Repo) }));
    found({ ok: true, text: `repository ${repo} is visible on ${host}` });
    if (seen?.archived) found({ ok: false, text: `repository ${repo} is archived` });
    else if (seen?.permissions?.push === false) {
      found({ ok: false, text: `${setting} is of a user who may not push to ${repo}` });
    } else if (await isGogs(forge, place, patience)) found({ ok: false, text: gogsText(host) });
    else {
      const text = 'whether the token has the scope `write:repository` shows only when it writes';
      found({ ok: 'not provable', text });
    }
  });
