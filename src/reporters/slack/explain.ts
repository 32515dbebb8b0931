import type { RemoteKind } from '../../errors.ts';

/** The names under which the author wrote what may be wrong. */
export type Names = { readonly token: string; readonly channel: string; readonly webhook: string };

type Meaning = { readonly kind: RemoteKind; readonly advice?: string };

const wrongToken = ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked'];
const lostToken = [
  'token_expired',
  'org_login_required',
  'ekm_access_denied',
  'not_allowed_token_type',
];
const deadHook = [
  'invalid_token',
  'no_service',
  'no_active_hooks',
  'no_service_id',
  'no_team',
  'team_disabled',
];
const passing = [
  ...['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable'],
  ...['request_timeout', 'team_added_to_org', 'rollup_error', 'accesslimited'],
];
const forbidden = [
  ...['restricted_action', 'restricted_action_read_only_channel', 'action_prohibited'],
  ...['restricted_action_thread_only_channel', 'restricted_action_non_threadable_channel'],
  ...['posting_to_general_channel_denied', 'team_access_not_granted', 'no_permission'],
];

/** What an error word of Slack's means to the author of the pipeline. */
export function meaningOf(
  word: string,
  { token, channel, webhook }: Names,
  { needed, provided }: { readonly needed?: string; readonly provided?: string } = {},
): Meaning {
  if ([...wrongToken, ...lostToken].includes(word)) {
    const advice = `${token} is wrong, expired or revoked: it must be the bot token (xoxb-…) of an app that is installed`;
    return { kind: 'credentials', advice };
  }
  if (deadHook.includes(word)) {
    const advice = `${webhook} is wrong or was removed: make a new one in the settings of the Slack app`;
    return { kind: 'credentials', advice };
  }
  if (passing.includes(word)) return { kind: 'unavailable' };
  if (word === 'missing_scope') {
    const has = provided ? `, and has ${provided}` : '';
    const advice = `${token} needs the scope \`${needed ?? 'chat:write'}\`${has}: add it to the app and install it again`;
    return { kind: 'permission', advice };
  }
  if (word === 'not_in_channel') {
    const advice = `invite the app to ${channel} (/invite in the channel), or give ${token} the scope \`chat:write.public\``;
    return { kind: 'permission', advice };
  }
  if (word === 'channel_not_found') {
    const advice = `${channel} names no channel that ${token} can see: use the channel's id, and invite the app to it if it is private`;
    return { kind: 'refused', advice };
  }
  if (word === 'is_archived' || word === 'channel_is_archived') {
    const advice = `the channel is archived: unarchive it, or name another (${channel}, or a new ${webhook})`;
    return { kind: 'refused', advice };
  }
  if (forbidden.includes(word)) {
    return { kind: 'permission', advice: 'the workspace does not let this app post there' };
  }
  return { kind: 'refused' };
}

/** What Slack will not show; the bare text still goes. */
export const isMisshapen = (word: string | undefined): boolean =>
  /block|msg_too_long|metadata|invalid_payload|invalid_attachments/.test(word ?? '');
/** The message is gone, or cannot be changed any more. */
export const isUnchangeable = (word: string | undefined): boolean =>
  ['message_not_found', 'cant_update_message', 'edit_window_closed'].includes(word ?? '');
