import { judgeMessage } from './block-kit.ts';
import type { Json } from './fake-slack.ts';
import type { Channel, Message, World } from './world.ts';

type Refusal = { readonly ok: false; readonly error: string; readonly [more: string]: unknown };
export type Said = Refusal | { readonly ok: true; readonly [more: string]: unknown };
export type Asked = {
  readonly world: World;
  readonly scopes: readonly string[];
  readonly body: Json;
  complain(fault: string): void;
};

const refuse = (error: string, more: object = {}): Refusal => ({ ok: false, error, ...more });
const lacking = (needed: string, scopes: readonly string[]): Refusal =>
  refuse('missing_scope', { needed, provided: scopes.join(',') });

const common = ['channel', 'text', 'blocks', 'metadata', 'parse', 'link_names'];
const args: Readonly<Record<string, readonly string[]>> = {
  'chat.postMessage': [
    ...common,
    ...['thread_ts', 'reply_broadcast', 'unfurl_links', 'unfurl_media'],
  ],
  'chat.update': [...common, 'ts'],
  'auth.test': [],
  'conversations.info': ['channel'],
  'conversations.history': ['channel', 'limit', 'include_all_metadata'],
  'conversations.replies': ['channel', 'ts', 'limit', 'include_all_metadata'],
};
export const isWrite = (method: string): boolean => method.startsWith('chat.');

/** What Slack says to one call, in HTTP 200 whatever it is. */
export function answer(method: string, asked: Asked): Said {
  const { body, complain } = asked;
  const known = args[method];
  if (!known) return refuse('unknown_method');
  for (const name of Object.keys(body)) {
    if (!known.includes(name)) complain(`${method} has no argument ${name}`);
  }
  if (method === 'auth.test') {
    return { ok: true, user: 'slipway', team: 'Octo', user_id: 'U0SLIPWAY', team_id: 'T0OCTO000' };
  }
  return isWrite(method) ? written(method, asked) : shown(method, asked);
}

function written(method: string, { world, scopes, body, complain }: Asked): Said {
  if (!scopes.includes('chat:write')) return lacking('chat:write', scopes);
  judgeMessage(body, complain);
  if (body.parse !== 'none' || body.link_names !== false) complain('names would be looked for');
  const updates = method === 'chat.update';
  const channel = world.channels.find(
    ({ id, name, isPrivate, member = true }) =>
      (id === body.channel || (!updates && name === body.channel)) && (member || !isPrivate),
  );
  if (!channel) return refuse('channel_not_found');
  const { id, archived, member = true } = channel;
  if (archived) return refuse('is_archived');
  if (!member && !scopes.includes('chat:write.public')) return refuse('not_in_channel');
  if (!updates) {
    const { ts } = world.write(id, body);
    return { ok: true, channel: id, ts, message: {} };
  }
  const message = world.messages.find((each) => each.channel === id && each.ts === body.ts);
  if (!message) return refuse('message_not_found');
  if (message.isForeign) return refuse('cant_update_message');
  world.change(message, body);
  return { ok: true, channel: id, ts: message.ts, text: body.text };
}

function shown(method: string, { world, scopes, body }: Asked): Said {
  const needed = method === 'conversations.info' ? 'channels:read' : 'channels:history';
  if (!scopes.includes(needed)) return lacking(needed, scopes);
  const channel = world.channels.find(({ id }) => id === body.channel);
  if (!channel) return refuse('channel_not_found');
  if (method === 'conversations.info') return { ok: true, channel: infoOf(channel) };
  const isReplies = method === 'conversations.replies';
  const all = world.messages
    .filter((each) => each.channel === channel.id)
    .filter(({ ts, thread, isBroadcast }) =>
      isReplies ? ts === body.ts || thread === body.ts : thread === undefined || isBroadcast,
    )
    .map((message) => viewOf(message, body.include_all_metadata === 'true'));
  const ordered = isReplies ? all : all.toReversed();
  return { ok: true, messages: ordered.slice(0, Number(body.limit ?? 100)), has_more: false };
}

const infoOf = ({ id, name, archived = false, isPrivate = false, member = true }: Channel) => ({
  ...{ id, name, is_archived: archived, is_private: isPrivate, is_member: member },
});

function viewOf({ ts, versions }: Message, isWhole: boolean): Json {
  const { text = '', metadata } = versions.at(-1) ?? {};
  return { type: 'message', ts, text, ...(isWhole && metadata ? { metadata } : {}) };
}
