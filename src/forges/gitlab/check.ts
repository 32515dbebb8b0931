import type { Finding } from '../../targets/target.ts';
import { ask } from '../asking.ts';
import { readFindings } from '../checking.ts';
import type { Patience } from '../forge.ts';
import type { ForgeHttp } from '../forge-http.ts';
import type { GitlabPlace } from './place.ts';

type Project = { readonly archived?: boolean; readonly permissions?: Permissions };
type Permissions = {
  readonly project_access?: Access | null;
  readonly group_access?: Access | null;
};
type Access = { readonly access_level: number };
type Token = { readonly scopes?: readonly string[] };

const developer = 30;

/** What a token is allowed it says of itself; a job token cannot be asked. */
export const checkGitlab = (
  place: GitlabPlace,
  forge: ForgeHttp,
  patience: Patience,
): Promise<readonly Finding[]> =>
  readFindings(async (found) => {
    const { project, repo, host, setting, tokenUrl } = place;
    const question = { url: project, absent: [], ...patience };
    const seen = await ask(forge, place, question, (body) => ({ ...(body as Project) }));
    found({ ok: true, text: `project ${repo} is visible on ${host}` });
    if (seen?.archived) {
      found({ ok: false, text: `project ${repo} is archived` });
      return;
    }
    const { project_access: own, group_access: group } = seen?.permissions ?? {};
    const level = Math.max(own?.access_level ?? 0, group?.access_level ?? 0);
    if (seen?.permissions && level > 0 && level < developer) {
      found({ ok: false, text: `${setting} has less than the role Developer in ${repo}` });
    }
    const self = { url: tokenUrl, thing: 'the token', absent: [401, 403, 404], ...patience };
    const scopes = await ask(forge, place, self, (body) => (body as Token).scopes);
    found(scopesFinding(scopes, setting));
  });

function scopesFinding(scopes: readonly string[] | undefined, setting: string): Finding {
  if (!scopes) {
    const text = 'whether the token has the scope `api` shows only when it writes';
    return { ok: 'not provable', text };
  }
  return scopes.includes('api')
    ? { ok: true, text: 'the token has the scope `api`' }
    : { ok: false, text: `${setting} needs the scope \`api\`, and has ${scopes.join(', ')}` };
}
