import { readFindings } from '../../forges/checking.ts';
import type { Finding } from '../../targets/target.ts';
import { type Slack, SlackError } from './api.ts';
import type { Names } from './explain.ts';
import { isChannelId } from './history.ts';
import type { Patience } from './wire.ts';

/** Harmless reads that tell what the token can do in the channel, and what no read can tell. */
export const probe = (
  slack: Slack,
  channel: string,
  names: Names,
  patience: Patience,
): Promise<readonly Finding[]> =>
  readFindings(async (found) => {
    const { body, scopes } = await slack.call('auth.test', {}, patience);
    const who = `${names.token} speaks as ${String(body.user)} in ${String(body.team)}`;
    found({ ok: true, text: who });
    found(writing(scopes, names));
    found(await place(slack, channel, names, scopes, patience));
    found(looking(channel, names, scopes));
  });

const has = (scopes: readonly string[] | undefined, ...some: readonly string[]): boolean =>
  some.some((scope) => scopes?.includes(scope));

function writing(scopes: readonly string[] | undefined, { token }: Names): Finding {
  if (scopes === undefined) {
    return { ok: 'not provable', text: 'whether the token may write shows only when it writes' };
  }
  return has(scopes, 'chat:write')
    ? { ok: true, text: 'the scope `chat:write` may write' }
    : {
        ok: false,
        text: `${token} may not write: it needs the scope \`chat:write\`, and has ${scopes.join(', ') || 'none'}`,
      };
}

async function place(
  slack: Slack,
  channel: string,
  names: Names,
  scopes: readonly string[] | undefined,
  patience: Patience,
): Promise<Finding> {
  const unknown = `whether the app may write in ${channel} shows only when it writes`;
  if (!isChannelId(channel) || !has(scopes, 'channels:read', 'groups:read')) {
    return { ok: 'not provable', text: unknown };
  }
  try {
    const { body } = await slack.read('conversations.info', { channel }, patience);
    const shown = (body.channel ?? {}) as Readonly<Record<string, unknown>>;
    const name = typeof shown.name === 'string' ? `#${shown.name}` : channel;
    if (shown.is_archived === true) {
      return { ok: false, ofSetting: true, text: `${names.channel}: ${name} is archived` };
    }
    if (shown.is_member === true || (!shown.is_private && has(scopes, 'chat:write.public'))) {
      return { ok: true, text: `${name} is there, and the app may write in it` };
    }
    const cure = `invite it (/invite in the channel), or give ${names.token} the scope \`chat:write.public\``;
    return { ok: false, text: `the app is not in ${name}: ${cure}` };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    if (error.kind === 'permission') return { ok: 'not provable', text: unknown };
    return { ok: false, ofSetting: true, text: error.message };
  }
}

function looking(
  channel: string,
  { token, channel: setting }: Names,
  scopes: readonly string[] | undefined,
): Finding {
  const lost = 'messages of killed runs are not found again';
  if (!isChannelId(channel)) {
    return { ok: 'not provable', text: `${lost}: ${setting} is a name, not the channel's id` };
  }
  return has(scopes, 'channels:history', 'groups:history')
    ? { ok: true, text: 'messages of killed runs are found again' }
    : { ok: 'not provable', text: `${lost}: ${token} lacks the scope \`channels:history\`` };
}
