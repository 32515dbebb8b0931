import { type Reply, type Slack, SlackError } from './api.ts';
import { isMisshapen } from './explain.ts';
import type { Message } from './message.ts';
import type { Patience } from './wire.ts';

export type Writing = 'chat.postMessage' | 'chat.update';
/** Where a message goes, and whose it is. */
export type Addressed = {
  readonly channel: string;
  /** Of the message that is changed. */
  readonly ts?: string;
  readonly metadata: object;
};

/** Writes a message as it is, or else without what Slack does not like in it: its mark, or its form. */
export async function write(
  slack: Slack,
  method: Writing,
  message: Addressed & Message,
  patience: Patience,
): Promise<Reply> {
  const send = (body: object): Promise<Reply> =>
    slack.call(method, { ...body, parse: 'none', link_names: false }, patience);
  try {
    return await send(message);
  } catch (error) {
    if (!(error instanceof SlackError) || !isMisshapen(error.word)) throw error;
    // What a change leaves out stays as it was, and would show an earlier state.
    const without = (name: string, nothing: object): object => ({
      [name]: method === 'chat.update' ? nothing : undefined,
    });
    const bare = /metadata/.test(error.word) ? without('metadata', {}) : without('blocks', []);
    return await send({ ...message, ...bare });
  }
}
