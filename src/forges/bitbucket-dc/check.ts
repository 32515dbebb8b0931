import type { Finding } from '../../targets/target.ts';
import { ask } from '../asking.ts';
import { readFindings } from '../checking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { BitbucketDcPlace } from './place.ts';

/** Whoever may read a repository may tell of its commits. */
export const checkBitbucketDc = (
  place: BitbucketDcPlace,
  forge: ForgeHttp,
  patience: Patience,
): Promise<readonly Finding[]> =>
  readFindings(async (found) => {
    const { api, repo, host } = place;
    const question = { url: api, absent: [], ...patience };
    const isArchived = await ask(forge, place, question, (body) =>
      Boolean((body as { readonly archived?: boolean }).archived),
    );
    found({ ok: true, text: `repository ${repo} is visible on ${host}` });
    if (isArchived) found({ ok: false, text: `repository ${repo} is archived` });
  });
