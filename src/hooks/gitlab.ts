import { at, readBody, textAt } from './body.ts';
import { pushEvent, readingOf } from './event.ts';
import { type Hook, header, idIn, type Proof, startsNothing } from './hook.ts';
import { isSame, verifyBy } from './proof.ts';
import { keyIn, type Seal, sealOf, untimely } from './sealed.ts';

/** https://docs.gitlab.com/user/project/integrations/webhooks/: a token that is sent along, or a signature with a time. */
export const gitlab: Hook = {
  forge: 'gitlab',
  verify(entries, body, headers, now) {
    const token = header(headers, 'x-gitlab-token') ?? '';
    const seal = sealOf(headers, now);
    const fits = ({ kind, value }: Proof): boolean => {
      if (value === '') return false;
      if (kind === 'token') return isSame(value, token);
      // GitLab's page does not say that its tokens look as keys do there, and any other is taken as it is.
      return kind === 'signing_token' && seal.fits(keyIn(value) ?? value, body);
    };
    return verifyBy(entries, fits, failureOf(entries, token, seal));
  },
  deliveryId: (headers) => idIn(headers, 'webhook-id', 'idempotency-key'),
  read(bytes, headers) {
    const read = readBody(bytes, headers);
    if ('refused' in read) return read.refused;
    const { body } = read;
    const kind = textAt(body, 'object_kind');
    if (kind !== 'push' && kind !== 'tag_push') {
      return startsNothing(kind, 'push and tag_push do');
    }
    const ref = textAt(body, 'ref');
    if (kind === 'tag_push' && !ref?.startsWith('refs/tags/')) {
      return { kind: 'ignored', why: 'says tag push and names no tag' };
    }
    return readingOf(
      pushEvent({
        forge: 'gitlab',
        repository: textAt(body, 'project', 'path_with_namespace'),
        ref,
        // `after` is an annotated tag's own id.
        sha: textAt(body, 'checkout_sha') ?? textAt(body, 'after'),
        isDeletion: at(body, 'checkout_sha') === null,
        actor: textAt(body, 'user_username'),
      }),
    );
  },
};

function failureOf(entries: readonly Proof[], token: string, seal: Seal): string {
  const signs = entries.some(({ kind }) => kind === 'signing_token');
  if (signs && seal.isThere && !seal.isTimely) return untimely;
  if (token === '' && !seal.isThere) {
    return 'carries neither x-gitlab-token nor webhook-signature: set the token of this webhook at the forge';
  }
  return 'carries a token or signature that slipway.yml does not know';
}
