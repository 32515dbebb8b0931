import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import type { Marker } from '../identity.ts';
import type { Log } from '../log.ts';
import { isTerminal } from '../status.ts';
import { deliver } from './deliver.ts';
import type { ForgeState, Patience, Posted } from './forge.ts';
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

/** What is late by more is not waited for: a step that was told to stop has six seconds. */
const pausesMs = [0, 500, 1000, 1000];
const leastMs = 500;

/** Posts one run's statuses so that the last of them has the last word, whatever the network loses or delays. */
export function createPoster<W extends Wording>(options: PosterOptions<W>): Poster<W> {
  const { clock, log, own, send, read } = options;
  /** Earlier statuses whose answers were lost: they may come in after their successors. */
  const doubtful: W[] = [];
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
      if (result.doubtful && !terminal) doubtful.push(words);
      unconfirmed = undefined;
    } catch (error) {
      const isLost = error instanceof RemoteError && error.kind === 'unavailable';
      if (isLost && !terminal) doubtful.push(words);
      throw error;
    }
  }

  /** Looks until every status that was lost sight of is there, and posts the last one again over those that are late. */
  async function haveLastWord(words: W, patience: Patience): Promise<void> {
    for (const pause of pausesMs) {
      if (clock.now() + pause > (patience.until ?? Number.POSITIVE_INFINITY) - leastMs) break;
      await clock.pause(pause, patience.signal);
      const posted = await read(patience);
      const [latest] = posted;
      const isLate = latest && isOwn(latest.marker, own) && !isTerminal(latest.state);
      if (isLate) {
        log.debug('An earlier status came in late: posting the last one again');
        await once(words, patience);
      }
      if (doubtful.every((lost) => hasArrived(lost, posted))) return;
    }
    const late = doubtful.map(({ state }) => state).join(' and ');
    log.warn(
      `Not known whether "${late}" arrived, which was sent earlier: it may still appear over the last status`,
    );
  }

  const hasArrived = ({ state, description }: W, posted: readonly Posted[]): boolean =>
    posted.some(
      (each) => isOwn(each.marker, own) && each.state === state && each.description === description,
    );

  return {
    async post(words, patience) {
      await once(words, patience);
      if (doubtful.length === 0 || !isTerminal(words.state)) return;
      await haveLastWord(words, patience).catch((error: unknown) => {
        if (!(error instanceof RemoteError)) throw error;
        log.warn(`Not known whether an earlier status overtook the last one: ${error.message}`);
      });
    },
  };
}
