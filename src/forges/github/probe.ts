import type { Finding } from '../../targets/target.ts';
import { readFindings } from '../checking.ts';
import type { Patience } from '../forge.ts';
import type { Github } from './client.ts';
import type { Purpose } from './explain.ts';

export type Probe = {
  /** What is to be read to show that the API part is open to us; below the repository. */
  readonly path: string;
  readonly reads: Purpose;
  readonly permission: 'deployments' | 'statuses';
  /** Classic scopes each of which is enough. */
  readonly scopes: readonly string[];
};

/** Harmless reads that tell what the credential can do, and what no read can tell. */
export const probe = (
  github: Github,
  what: Probe,
  patience: Patience,
): Promise<readonly Finding[]> =>
  readFindings(async (found) => {
    const purpose: Purpose = {
      lost: 'repository not read',
      needs: 'metadata: read',
      scope: 'repo',
    };
    const reply = await github.rest({ method: 'GET', path: '', purpose, ...patience });
    const repo = (reply.body ?? {}) as { readonly archived?: boolean; readonly private?: boolean };
    found({ ok: true, text: `repository ${github.repo} is visible` });
    if (repo.archived) {
      found({ ok: false, text: `repository ${github.repo} is archived` });
      return;
    }
    const { path, reads } = what;
    await github.rest({ method: 'GET', path, purpose: reads, ...patience });
    found({ ok: true, text: `${what.permission} of ${github.repo} can be read` });
    found(writing(github, what, reply.headers['x-oauth-scopes'], repo.private === false));
  });

function writing(
  github: Github,
  { permission, scopes }: Probe,
  header: string | undefined,
  isPublic: boolean,
): Finding {
  const granted = github.granted()?.[permission];
  if (granted) {
    return { ok: granted === 'write', text: `the GitHub App has \`${permission}: ${granted}\`` };
  }
  if (header === undefined) {
    return {
      ok: 'not provable',
      text: `whether the token has \`${permission}: write\` shows only when it writes`,
    };
  }
  const held = header.split(',').map((scope) => scope.trim());
  const enough = [...scopes, ...(isPublic ? ['public_repo'] : [])];
  const found = held.find((scope) => enough.includes(scope));
  return found
    ? { ok: true, text: `the token's scope \`${found}\` may write ${permission}` }
    : {
        ok: false,
        text: `the token may not write ${permission}: it needs the scope ${enough.map((s) => `\`${s}\``).join(' or ')}, and has ${header.trim() || 'none'}`,
      };
}
