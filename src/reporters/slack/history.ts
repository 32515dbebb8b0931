import type { Marker } from '../../identity.ts';
import { isObject } from '../../settings/rules.ts';
import type { Slack } from './api.ts';
import { type Mark, type Metadata, readMark } from './mark.ts';
import type { Patience } from './wire.ts';

/** A message of a run, as the channel shows it. */
export type Kept = Mark & { readonly ts: string };

/** Seconds since the epoch, and which message of that second. */
const isTime = /^\d{1,12}\.\d+$/;

/** Most that Slack recommends to ask for at once. */
const most = 200;

/** Slack reads the history of a channel by its id only. */
export const isChannelId = (channel: string): boolean => /^[CGD][A-Z0-9]{7,}$/.test(channel);

/** The messages of runs among the newest of a channel, newest first. Needs `channels:history` or its kin. */
export async function readRuns(
  slack: Slack,
  channel: string,
  patience: Patience,
): Promise<readonly Kept[]> {
  const query = { channel, limit: String(most), include_all_metadata: 'true' };
  const { body } = await slack.read('conversations.history', query, patience);
  const messages: readonly unknown[] = Array.isArray(body.messages) ? body.messages : [];
  return messages.flatMap((message) => {
    const mark = isObject(message) ? readMark(message.metadata) : undefined;
    const ts = isObject(message) && typeof message.ts === 'string' ? message.ts : '';
    return mark && isTime.test(ts) ? [{ ...mark, ts }] : [];
  });
}

const replyType = 'slipway_log';
export const replyMetadata = ({ key }: Marker): Metadata => ({
  event_type: replyType,
  event_payload: { slipway_key: key },
});

/** Whether this run's log is in the thread. */
export async function hasReply(
  slack: Slack,
  { channel, ts }: { readonly channel: string; readonly ts: string },
  { key }: Marker,
  patience: Patience,
): Promise<boolean> {
  const query = { channel, ts, limit: String(most), include_all_metadata: 'true' };
  const { body } = await slack.read('conversations.replies', query, patience);
  const messages: readonly unknown[] = Array.isArray(body.messages) ? body.messages : [];
  return messages.some((message) => {
    const metadata = isObject(message) && isObject(message.metadata) ? message.metadata : {};
    const payload = isObject(metadata.event_payload) ? metadata.event_payload : {};
    return metadata.event_type === replyType && payload.slipway_key === key;
  });
}
