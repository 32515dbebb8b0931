import { readBody, textAt } from './body.ts';
import { pushEvent, readingOf } from './event.ts';
import { type Headers, type Hook, header, idIn, startsNothing } from './hook.ts';
import { hexBytes, verifySigned } from './proof.ts';

/** https://docs.gitea.com/usage/webhooks and Forgejo's: both sign the body alone. */
export const gitea: Hook = {
  forge: 'gitea',
  verify: (entries, body, headers) => {
    const { name, bytes } = signatureOf(headers);
    return verifySigned(entries, body, bytes, name);
  },
  deliveryId: (headers) =>
    idIn(headers, 'x-forgejo-delivery', 'x-gitea-delivery', 'x-github-delivery'),
  read(bytes, headers) {
    const read = readBody(bytes, headers);
    if ('refused' in read) return read.refused;
    const { body } = read;
    const events = ['x-forgejo-event', 'x-gitea-event', 'x-github-event'];
    const event = events.map((name) => header(headers, name)).find(Boolean);
    if (event !== 'push') {
      return startsNothing(event, 'push does');
    }
    return readingOf(
      pushEvent({
        forge: 'gitea',
        repository: textAt(body, 'repository', 'full_name'),
        ref: textAt(body, 'ref'),
        sha: textAt(body, 'head_commit', 'id') ?? textAt(body, 'after'),
        isDeletion: /^0+$/.test(textAt(body, 'after') ?? ''),
        actor: textAt(body, 'sender', 'login') ?? textAt(body, 'pusher', 'login'),
      }),
    );
  },
};

/** The forge's own header where there is one; the others say the same in GitHub's way. */
function signatureOf(headers: Headers): {
  readonly name: string;
  readonly bytes: Buffer | undefined;
} {
  for (const name of ['x-forgejo-signature', 'x-gitea-signature']) {
    if (headers[name] !== undefined) return { name, bytes: hexBytes(header(headers, name)) };
  }
  const name = 'x-hub-signature-256';
  return { name, bytes: hexBytes(header(headers, name), 'sha256=') };
}
