import type { Json } from './fake-slack.ts';

export type Channel = {
  readonly id: string;
  readonly name: string;
  archived?: boolean;
  readonly isPrivate?: boolean;
  readonly member?: boolean;
};

export type Version = {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly metadata: Json | undefined;
  /** ms since the epoch. */
  readonly at: number;
};

export type Message = {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  readonly isBroadcast: boolean;
  /** As it was written, and after each change that changed anything; oldest first. */
  readonly versions: Version[];
  /** Of another app, so nobody else can change it. */
  readonly isForeign?: boolean;
};

export type World = {
  readonly channels: Channel[];
  readonly messages: Message[];
  write(channel: string, body: Json, isForeign?: boolean): Message;
  change(message: Message, body: Json): void;
  remove(message: Message): void;
};

export function createWorld(now: () => number): World {
  const messages: Message[] = [];
  let count = 0;
  const versionOf = ({ text, blocks, metadata }: Json, before?: Version): Version => ({
    text: String(text ?? ''),
    blocks: (blocks as readonly Json[]) ?? before?.blocks ?? [],
    metadata: (metadata as Json) ?? before?.metadata,
    at: now(),
  });
  return {
    channels: [],
    messages,
    write(channel, body, isForeign = false) {
      count += 1;
      const ts = `${Math.floor(now() / 1000)}.${String(count).padStart(6, '0')}`;
      const message: Message = {
        ...{ channel, ts, isForeign },
        thread: body.thread_ts as string | undefined,
        isBroadcast: body.reply_broadcast === true,
        versions: [versionOf(body)],
      };
      messages.push(message);
      return message;
    },
    change({ versions }, body) {
      const last = versions.at(-1);
      // What is left out stays: so its documents said of blocks for years, and say of metadata.
      const next = versionOf(body, last);
      const isSame =
        last && JSON.stringify({ ...last, at: 0 }) === JSON.stringify({ ...next, at: 0 });
      if (!isSame) versions.push(next);
    },
    remove: (message) => void messages.splice(messages.indexOf(message), 1),
  };
}
