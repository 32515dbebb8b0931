import type { Finding } from '../../targets/target.ts';
import { ask } from '../asking.ts';
import { readFindings } from '../checking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { BitbucketPlace } from './place.ts';

/** What else the credential may do shows only when it is done. */
export const checkBitbucket = (
  place: BitbucketPlace,
  forge: ForgeHttp,
  patience: Patience,
): Promise<readonly Finding[]> =>
  readFindings(async (found) => {
    const { api, repo, host } = place;
    const question = { url: `${api}?fields=full_name`, absent: [] };
    await ask(forge, place, { ...question, ...patience }, () => true);
    found({ ok: true, text: `repository ${repo} is visible on ${host}` });
    const text = 'whether the credential may post build statuses shows only when it does';
    found({ ok: 'not provable', text });
  });
