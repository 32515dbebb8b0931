import type { Clock } from '../../clock.ts';
import type { RemoteError } from '../../errors.ts';
import type { Answer } from '../../http/http.ts';
import type { Log } from '../../log.ts';
import { rateLimitWait, timeOfDay } from '../rate-limit.ts';
import { type Purpose, rateLimited } from './explain.ts';

export type BackOff = {
  ask(answer: Answer): number | undefined;
  /** A failure at the end of all waiting, said as what it is. */
  limited(error: RemoteError): RemoteError | undefined;
};

type Waiting = {
  readonly purpose: Purpose;
  /** When the caller gives up; ms since the epoch. */
  readonly until?: number;
  /** `false`: nobody waits for a rate limit. */
  readonly waits?: false;
};

/** For whoever names no deadline: a second try after a secondary limit, and no more. */
const patience = 120_000;

/** What one request makes of GitHub's rate limits. */
export function createBackOff(
  request: Waiting,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): BackOff {
  const until = request.waits === false ? clock.now() : (request.until ?? clock.now() + patience);
  let earlier = 0;
  let end: number | undefined;
  return {
    limited: (error) =>
      end !== undefined && error.answer && rateLimitWait(error.answer, 0, end) !== undefined
        ? rateLimited(error, request.purpose, end)
        : undefined,
    ask: (answer) => {
      const wait = rateLimitWait(answer, earlier, clock.now());
      if (wait === undefined) return undefined;
      end = clock.now() + wait;
      if (end > until) throw rateLimited({ status: answer.status, answer }, request.purpose, end);
      const seconds = Math.ceil(wait / 1000);
      log.info(`GitHub limits the rate: waiting ${seconds} s, until ${timeOfDay(end)}`);
      earlier += 1;
      return wait;
    },
  };
}
