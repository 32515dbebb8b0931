import { timingSafeEqual } from 'node:crypto';
import { at, readBody, textAt } from './body.ts';
import { pushEvent, readingOf } from './event.ts';
import { type Headers, type Hook, header, idIn, type Proof } from './hook.ts';
import { hmac, isSame, verifyBy } from './proof.ts';

const windowMs = 5 * 60_000;

/** https://docs.gitlab.com/user/project/integrations/webhooks/: a token that is sent along, or a signature with a time. */
export const gitlab: Hook = {
  forge: 'gitlab',
  verify(entries, body, headers, now) {
    const token = header(headers, 'x-gitlab-token') ?? '';
    const seals = sealsOf(headers);
    const seconds = header(headers, 'webhook-timestamp') ?? '';
    const isTimely =
      /^\d{1,12}$/.test(seconds) && Math.abs(Number(seconds) * 1000 - now) <= windowMs;
    const fits = (proof: Proof): boolean => {
      if (proof.value === '') return false;
      if (proof.kind === 'token') return isSame(proof.value, token);
      return (
        proof.kind === 'signing_token' && isTimely && isSealed(proof.value, body, headers, seals)
      );
    };
    return verifyBy(entries, fits, failureOf(entries, token, seals, isTimely));
  },
  deliveryId: (headers) => idIn(headers, 'webhook-id', 'idempotency-key'),
  read(bytes, headers) {
    const read = readBody(bytes, headers);
    if ('refused' in read) return read.refused;
    const { body } = read;
    const kind = textAt(body, 'object_kind');
    if (kind !== 'push' && kind !== 'tag_push') {
      return { kind: 'ignored', why: 'is an event that starts nothing: pushes and tag pushes do' };
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

/** Each `v1,<base64 of 32 bytes>`: several while a token is being replaced. */
const sealsOf = (headers: Headers): readonly Buffer[] =>
  (header(headers, 'webhook-signature') ?? '')
    .split(' ')
    .flatMap((seal) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(seal)?.[1] ?? [])
    .slice(0, 8)
    .map((seal) => Buffer.from(seal, 'base64'));

function isSealed(
  token: string,
  body: Uint8Array,
  headers: Headers,
  seals: readonly Buffer[],
): boolean {
  const id = header(headers, 'webhook-id') ?? '';
  const time = header(headers, 'webhook-timestamp') ?? '';
  const seal = hmac(keyOf(token), `${id}.${time}.`, body);
  return id !== '' && seals.filter((each) => timingSafeEqual(each, seal)).length > 0;
}

/** As Standard Webhooks writes a key; GitLab's page does not say that its tokens look so, and any other is taken as it is. */
const keyOf = (token: string): string | Uint8Array =>
  token.startsWith('whsec_') ? Buffer.from(token.slice('whsec_'.length), 'base64') : token;

function failureOf(
  entries: readonly Proof[],
  token: string,
  seals: readonly Buffer[],
  isTimely: boolean,
): string {
  const signs = entries.some(({ kind }) => kind === 'signing_token');
  if (signs && seals.length > 0 && !isTimely) {
    return 'was signed more than 5 minutes ago, or the clock of this machine is wrong';
  }
  if (token === '' && seals.length === 0) {
    return 'carries neither x-gitlab-token nor webhook-signature: set the token of this webhook at the forge';
  }
  return 'carries a token or signature that slipway.yml does not know';
}
