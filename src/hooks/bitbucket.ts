import { at, type Body, readBody, textAt } from './body.ts';
import { pushEvent } from './event.ts';
import { type Hook, type HookEvent, header, idIn, type Reading, startsNothing } from './hook.ts';
import { hexBytes, verifySigned } from './proof.ts';

// GitHub's old name, but by SHA-256.
const signature = 'x-hub-signature';

/** https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ */
export const bitbucket: Hook = {
  forge: 'bitbucket',
  verify: (entries, body, headers) =>
    verifySigned(entries, body, hexBytes(header(headers, signature), 'sha256='), signature),
  deliveryId: (headers) => idIn(headers, 'x-request-uuid'),
  read(bytes, headers) {
    const read = readBody(bytes, headers);
    if ('refused' in read) return read.refused;
    const event = header(headers, 'x-event-key') ?? '';
    if (event === 'diagnostics:ping') return { kind: 'ping' };
    if (event === 'repo:push') return pushes(read.body);
    return startsNothing(event, 'repo:push does');
  },
};

/** One push may move several branches and tags. */
function pushes(body: Body): Reading {
  const changes = at(body, 'push', 'changes');
  if (!Array.isArray(changes)) return { kind: 'ignored', why: 'names no change' };
  const read = changes.slice(0, mostChanges).map((change) => eventOf(body, change));
  const events = read.filter((each) => typeof each !== 'string');
  const [why = 'names no change'] = read.filter((each) => typeof each === 'string');
  return events.length > 0 ? { kind: 'events', events } : { kind: 'ignored', why };
}
const mostChanges = 100;

function eventOf(body: Body, change: unknown): HookEvent | string {
  const group = new Map([
    ['branch', 'refs/heads/'],
    ['named_branch', 'refs/heads/'],
    ['tag', 'refs/tags/'],
    ['annotated_tag', 'refs/tags/'],
  ]);
  const isDeletion = at(change, 'new') === null;
  const side = isDeletion ? 'old' : 'new';
  const prefix = group.get(textAt(change, side, 'type') ?? '');
  const name = textAt(change, side, 'name');
  return pushEvent({
    forge: 'bitbucket',
    repository: textAt(body, 'repository', 'full_name'),
    ref: prefix && name ? prefix + name : undefined,
    sha: textAt(change, side, 'target', 'hash'),
    isDeletion,
    actor: textAt(body, 'actor', 'nickname') ?? textAt(body, 'actor', 'display_name'),
  });
}
