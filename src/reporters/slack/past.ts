import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Marker } from '../../identity.ts';
import type { Log } from '../../log.ts';
import { isTerminal, type State, type Subject } from '../../status.ts';
import type { Slack } from './api.ts';
import { isChannelId, type Kept, readRuns } from './history.ts';
import type { Patience } from './wire.ts';

export type Place = { readonly channel: string; readonly ts: string };

/** What earlier processes and runs left in the channel, as far as the token may read it. */
export type Past = {
  /** Looks once, and only where there is time for it. Never rejects. */
  look(patience: Patience): Promise<void>;
  /** Whether it can be looked at. */
  isOpen(): boolean;
  /** This run's message as it was found. */
  own(): Place | undefined;
  /** Looks for a message of this run that was not there at the look. Rejects with a RemoteError. */
  find(patience: Patience): Promise<Place | undefined>;
  /** How the last deploy of the slot ended. */
  previous(of: Subject | undefined): State | undefined;
};

export type PastOptions = {
  readonly slack: Slack;
  readonly clock: Clock;
  readonly log: Log;
  readonly channel: string;
  readonly marker: Marker;
  /** Another process may go on with this run, and then with its ended message too. */
  readonly resumes: boolean;
};

const hurryMs = 5000;
/** What is good to know must not cost the time for what has to be said. */
const briefMs = 4000;
/** There is time for the last word, and for nothing else. */
export const isHurried = ({ until }: Patience, clock: Clock): boolean =>
  until !== undefined && until - clock.now() < hurryMs;

export function createPast(options: PastOptions): Past {
  const { slack, clock, log, channel, marker, resumes } = options;
  let kept: readonly Kept[] = [];
  let hasLooked = !isChannelId(channel);
  let isOpen = false;

  function own(): Place | undefined {
    const mine = kept.find(
      (each) => each.marker.key === marker.key && (resumes || !isTerminal(each.state)),
    );
    return mine && { channel, ts: mine.ts };
  }

  return {
    isOpen: () => isOpen,
    own,
    async look(patience) {
      if (hasLooked || isHurried(patience, clock)) return;
      hasLooked = true;
      try {
        const until = clock.now() + briefMs;
        kept = await readRuns(slack, channel, { signal: patience.signal, until, once: true });
        isOpen = true;
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        log.debug(`slack: earlier messages are not looked for: ${error.message}`);
      }
    },
    async find(patience) {
      const now = await readRuns(slack, channel, patience);
      const fresh = now.find(
        ({ ts, marker: { key } }) => key === marker.key && !kept.some((each) => each.ts === ts),
      );
      return fresh && { channel, ts: fresh.ts };
    },
    previous: (of) =>
      kept.find(
        (each) =>
          each.marker.key !== marker.key &&
          each.marker.component === marker.component &&
          each.of.repo === of?.repo &&
          each.of.environment === of?.environment &&
          isTerminal(each.state),
      )?.state,
  };
}
