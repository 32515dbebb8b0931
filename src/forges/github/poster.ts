import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Marker } from '../../identity.ts';
import type { Log } from '../../log.ts';
import { isTerminal } from '../../status.ts';
import type { ForgeState, Posted } from '../forge.ts';
import type { Patience } from './client.ts';
import { deliver } from './deliver.ts';
import { isOwn } from './links.ts';

export type Wording = {
  readonly state: ForgeState;
  /** As it will be shown. */
  readonly description: string;
  /** Carries our marker. */
  readonly link: string | undefined;
};

export type PosterOptions<W extends Wording> = {
  readonly clock: Clock;
  readonly log: Log;
  readonly own: Marker;
  send(words: W, patience: Patience): Promise<void>;
  /** What the forge shows now, newest first. */
  read(patience: Patience): Promise<readonly Posted[]>;
};

export type Poster<W extends Wording> = {
  post(words: W, patience: Patience): Promise<void>;
};

/** Posts one run's statuses so that the last of them has the last word, whatever the network loses or delays. */
export function createPoster<W extends Wording>(options: PosterOptions<W>): Poster<W> {
  const { clock, log, own, send, read } = options;
  /** The answer to an earlier status was lost: it may come in after its successors. */
  let doubtful = false;
  /** A last word that was sent and never confirmed: it is looked for before it is sent again. */
  let unconfirmed: W | undefined;

  async function isThere(words: W, patience: Patience): Promise<boolean> {
    const posted = await read(patience);
    const latest = words.link
      ? posted.find(({ marker }) => isOwn(marker, own) && !marker?.closure)
      : posted[0];
    return latest?.state === words.state && latest.description === words.description;
  }

  async function once(words: W, patience: Patience): Promise<void> {
    const terminal = isTerminal(words.state);
    try {
      const result = await deliver({
        ...patience,
        ...{ clock, terminal },
        sentBefore: unconfirmed?.state === words.state,
        send: () => {
          if (terminal) unconfirmed = words;
          return send(words, patience);
        },
        confirm: () => isThere(words, patience),
      });
      doubtful ||= result.doubtful && !terminal;
      unconfirmed = undefined;
    } catch (error) {
      doubtful ||= !terminal && error instanceof RemoteError && error.kind === 'unavailable';
      throw error;
    }
  }

  async function haveLastWord(words: W, patience: Patience): Promise<void> {
    const [latest] = await read(patience);
    if (!latest || !isOwn(latest.marker, own) || isTerminal(latest.state)) return;
    log.debug('An earlier status came in late: posting the last one again');
    await once(words, patience);
  }

  return {
    async post(words, patience) {
      await once(words, patience);
      if (!doubtful || !isTerminal(words.state)) return;
      await haveLastWord(words, patience).catch((error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        log.warn(`Not known whether an earlier status overtook the last one: ${error.message}`);
      });
    },
  };
}
