import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import { deliver } from '../../forges/deliver.ts';
import type { Marker } from '../../identity.ts';
import type { Log } from '../../log.ts';
import { isTerminal, type Status } from '../../status.ts';
import { type Reply, type Slack, SlackError } from './api.ts';
import { isUnchangeable } from './explain.ts';
import { hasReply, replyMetadata } from './history.ts';
import { metadataOf } from './mark.ts';
import { alarmOf, isFailure, type Message, messageOf } from './message.ts';
import { isHurried, type Past, type Place } from './past.ts';
import type { Occasion } from './settings.ts';
import { hasRecovered, isWanted } from './wanted.ts';
import type { Patience } from './wire.ts';
import { type Addressed, type Writing, write } from './write.ts';

export type Speaker = {
  /** Rejects with a RemoteError. */
  say(status: Status, patience: Patience): Promise<void>;
};

export type ConversationOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly slack: Slack;
  readonly channel: string;
  /** By Slack's clock. */
  own(): Marker;
  readonly past: Past;
  readonly on: readonly Occasion[];
  readonly mentions: readonly string[];
};

const settleMs = 1000;
const silent = { unfurl_links: false, unfurl_media: false };

/** One message a run, changed in place; what went wrong goes into its thread, where everybody sees it. */
export function createConversation(options: ConversationOptions): Speaker {
  const { slack, channel, own, past, clock, log } = options;
  let place: Place | undefined;
  let hasAlarmed = false;
  /** An earlier process wrote it, and may have replied too. */
  let isFound = false;
  /** A change whose answer was lost may still come, and then over a later one. */
  let isDoubtful = false;

  const send = (method: Writing, to: Addressed, message: Message, patience: Patience) =>
    write(slack, method, { ...to, ...message }, patience);

  async function post(status: Status, message: Message, patience: Patience): Promise<void> {
    const terminal = isTerminal(status.state);
    const once = async (): Promise<void> => {
      const body = { channel, metadata: markOf(status), ...silent };
      const { body: made } = await send('chat.postMessage', body, message, patience);
      place = placeOf(made);
      isFound = false;
    };
    // Without a look nobody knows whether it arrived, and only the last word is worth saying twice.
    if (!terminal && !past.isOpen()) return once();
    const confirm = async (): Promise<boolean> => {
      place = past.isOpen() ? await past.find(patience) : undefined;
      return place !== undefined;
    };
    await deliver({ ...patience, clock, terminal, send: once, confirm });
  }

  async function change(
    at: Place,
    status: Status,
    message: Message,
    patience: Patience,
  ): Promise<void> {
    const terminal = isTerminal(status.state);
    const again = () => send('chat.update', { ...at, metadata: markOf(status) }, message, patience);
    // It may be made twice, so nobody has to look whether it was.
    const confirm = async (): Promise<boolean> => false;
    const { doubtful } = await deliver({ ...patience, clock, terminal, send: again, confirm });
    if (!terminal) isDoubtful ||= doubtful;
    else if (isDoubtful && !isHurried(patience, clock)) {
      await clock.pause(settleMs, patience.signal);
      await again().catch((error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        log.warn(`slack may show an earlier state over the last one: ${error.message}`);
      });
    }
  }

  const markOf = ({ state, of }: Status): object =>
    metadataOf({ marker: own(), state, of: of ?? { task: 'deploy' } });

  async function tell(status: Status, message: Message, patience: Patience): Promise<void> {
    if (!place) return post(status, message, patience);
    try {
      await change(place, status, message, patience);
    } catch (error) {
      if (error instanceof RemoteError) isDoubtful ||= error.unknown;
      if (!(error instanceof SlackError) || !isUnchangeable(error.word)) throw error;
      log.info(`slack: the message of this run is gone (${error.word})`);
      place = undefined;
      // Whoever removed it does not wait for progress.
      if (isTerminal(status.state)) await post(status, message, patience);
    }
  }

  async function alarm(at: Place, status: Status, patience: Patience): Promise<void> {
    const { channel: id, ts } = at;
    const message = alarmOf(status, options.mentions);
    const reply = { channel: id, thread_ts: ts, reply_broadcast: true, ...silent };
    const body = { ...reply, metadata: replyMetadata(own()) };
    try {
      await deliver({
        ...{ ...patience, clock, terminal: true, sentBefore: isFound },
        send: () => send('chat.postMessage', body, message, patience),
        confirm: async () => past.isOpen() && (await hasReply(slack, at, own(), patience)),
      });
      hasAlarmed = true;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      log.warn(`slack knows the end, and did not get the reply with the log: ${error.message}`);
    }
  }

  return {
    async say(status, patience) {
      if (!place) {
        await past.look(patience);
        place = past.own();
        isFound = place !== undefined;
      }
      const recovered = hasRecovered(status, past.previous(status.of));
      if (!place && !isWanted(status, recovered, options.on)) return;
      await tell(status, messageOf(status, recovered), patience);
      if (isFailure(status.state) && place && !hasAlarmed) await alarm(place, status, patience);
    },
  };
}

function placeOf({ channel, ts }: Reply['body']): Place {
  if (typeof channel === 'string' && typeof ts === 'string') return { channel, ts };
  const message = 'the answer to chat.postMessage names no message; is there a proxy in between?';
  throw new RemoteError(message, { kind: 'unavailable', unknown: true });
}
