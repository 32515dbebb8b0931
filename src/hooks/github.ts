import { at, type Body, readBody, textAt } from './body.ts';
import { deploymentEvent, pushEvent, readingOf } from './event.ts';
import { type Hook, header, idIn, type Reading, startsNothing } from './hook.ts';
import { hexBytes, verifySigned } from './proof.ts';

const signature = 'x-hub-signature-256';

/** https://docs.github.com/webhooks: no signature covers event, delivery id or time, so the body has the last word. */
export const github: Hook = {
  forge: 'github',
  verify: (entries, body, headers) =>
    verifySigned(entries, body, hexBytes(header(headers, signature), 'sha256='), signature),
  deliveryId: (headers) => idIn(headers, 'x-github-delivery'),
  read(bytes, headers) {
    const read = readBody(bytes, headers, true);
    if ('refused' in read) return read.refused;
    const { body } = read;
    const event = header(headers, 'x-github-event') ?? '';
    if (event === 'ping' && at(body, 'zen') !== undefined) return { kind: 'ping' };
    if (event === 'deployment') return deployment(body);
    if (event === 'push') return push(body);
    return startsNothing(event, 'deployment and push do');
  },
};

function deployment(body: Body): Reading {
  // A status carries its deployment too, and another header would make it look like one.
  if (at(body, 'deployment_status') !== undefined) {
    return { kind: 'ignored', why: 'is a status of a deployment, not a deployment' };
  }
  if (at(body, 'action') !== 'created') {
    return { kind: 'ignored', why: 'is about a deployment that was not just created' };
  }
  return readingOf(
    deploymentEvent({
      repository: textAt(body, 'repository', 'full_name'),
      id: at(body, 'deployment', 'id'),
      environment: textAt(body, 'deployment', 'environment'),
      ref: textAt(body, 'deployment', 'ref'),
      sha: textAt(body, 'deployment', 'sha'),
      actor: textAt(body, 'sender', 'login'),
    }),
  );
}

const push = (body: Body): Reading =>
  readingOf(
    pushEvent({
      forge: 'github',
      repository: textAt(body, 'repository', 'full_name'),
      ref: textAt(body, 'ref'),
      // `after` is an annotated tag's own id.
      sha: textAt(body, 'head_commit', 'id') ?? textAt(body, 'after'),
      isDeletion: at(body, 'deleted') === true,
      actor: textAt(body, 'sender', 'login'),
    }),
  );
