import { type Body, readBody, textAt } from './body.ts';
import { readingOf } from './event.ts';
import { type Hook, type HookEvent, idIn, type Proof, startsNothing } from './hook.ts';
import { verifyBy } from './proof.ts';
import { keyIn, sealOf, untimely } from './sealed.ts';

/** https://docs.diversion.dev/webhooks: every commit of a repository, signed with its id and time. */
export const diversion: Hook = {
  forge: 'diversion',
  verify(entries, body, headers, now) {
    const seal = sealOf(headers, now);
    // Its page takes the secret as it stands, Standard Webhooks what follows whsec_: both are looked at, always.
    const fits = ({ kind, value }: Proof): boolean =>
      [value, keyIn(value) ?? value].filter((key) => key.length > 0 && seal.fits(key, body))
        .length > 0 && kind === 'secret';
    const why = seal.isThere
      ? seal.isTimely
        ? 'carries a webhook-signature that no secret of slipway.yml gives'
        : untimely
      : 'carries no webhook-signature: set the secret of this webhook at the forge';
    return verifyBy(entries, fits, why);
  },
  deliveryId: (headers) => idIn(headers, 'webhook-id'),
  read(bytes, headers) {
    const read = readBody(bytes, headers);
    if ('refused' in read) return read.refused;
    const { body } = read;
    const type = textAt(body, 'type');
    if (type !== 'v1.repo.commit.created') {
      return startsNothing(type, 'v1.repo.commit.created does');
    }
    return readingOf(eventOf(body));
  },
};

const longest = 128;

/** A branch's number here is an id elsewhere, so it goes by its name. */
function eventOf(body: Body): HookEvent | string {
  const at = (...path: readonly string[]): string => textAt(body, 'data', ...path) ?? '';
  const [id, name] = [at('repository', 'id'), at('repository', 'name')];
  const [commit, branch] = [at('commit', 'id'), at('commit', 'branch', 'name')];
  if (!/^dv\.repo\.[\w-]{1,110}$/.test(id) || name.length > longest) return 'names no repository';
  if (!/^dv\.commit\.[\w-]{1,110}$/.test(commit)) return 'names no commit';
  if (!/^[^\u0000-\u001f\u007f]{1,128}$/.test(branch)) return 'names no branch';
  return {
    forge: 'diversion',
    kind: 'push',
    repository: id,
    ...(name ? { repositoryName: name } : {}),
    ref: branch,
    sha: commit,
    deploymentId: undefined,
    environment: undefined,
    actor: at('commit', 'author', 'name').slice(0, longest) || undefined,
    identity: ['diversion', id, branch, commit].join(' '),
  };
}
