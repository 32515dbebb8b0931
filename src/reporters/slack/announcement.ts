import type { Clock } from '../../clock.ts';
import { deliver } from '../../forges/deliver.ts';
import { isTerminal } from '../../status.ts';
import { SlackError } from './api.ts';
import type { Speaker } from './conversation.ts';
import { isMisshapen } from './explain.ts';
import { wholeOf } from './message.ts';
import type { Occasion } from './settings.ts';
import { hasRecovered, isWanted } from './wanted.ts';
import { sendToWebhook, type Webhook } from './webhook.ts';

export type AnnouncementOptions = Webhook & {
  readonly clock: Clock;
  readonly on: readonly Occasion[];
  readonly mentions: readonly string[];
};

/** One message at the end, and one at the start where that is asked for: a webhook changes nothing. */
export function createAnnouncement(options: AnnouncementOptions): Speaker {
  const { clock, on, mentions } = options;
  let hasBegun = false;
  return {
    async say(status, patience) {
      const terminal = isTerminal(status.state);
      const recovered = hasRecovered(status, undefined);
      if (!isWanted(status, recovered, on) || (!terminal && hasBegun)) return;
      const whole = wholeOf(status, recovered, mentions);
      const send = (message: object) => sendToWebhook(message, patience, options);
      const once = (): Promise<void> =>
        send(whole).catch((error: unknown) => {
          if (!(error instanceof SlackError) || !isMisshapen(error.word)) throw error;
          return send({ text: whole.text });
        });
      // Nobody can look whether it arrived, and only the last word is worth saying twice.
      if (terminal) {
        const confirm = async (): Promise<boolean> => false;
        await deliver({ ...patience, clock, terminal, send: once, confirm });
      } else {
        hasBegun = true;
        await once();
      }
    },
  };
}
