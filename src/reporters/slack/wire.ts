import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Answer, Exchange, Http } from '../../http/http.ts';
import { retryAfter } from '../../http/retry.ts';
import type { Log } from '../../log.ts';

/** How long the caller waits. */
export type Patience = {
  readonly signal: AbortSignal;
  readonly until?: number | undefined;
  /** Nobody asks again where there was no answer. */
  readonly once?: true;
};
export type WireDeps = { readonly http: Http; readonly clock: Clock; readonly log: Log };
type Request = Pick<Exchange, 'method' | 'url' | 'headers' | 'body' | 'accept' | 'secretPath'>;

/** Messages are small: an answer that is later than this hardly comes. */
const longestMs = 10_000;
const patienceMs = 30_000;

/** One exchange with Slack, which is left alone for as long as it asks, if the caller has so much time. */
export function exchange(
  request: Request,
  { signal, until, once }: Patience,
  { http, clock, log }: WireDeps,
): Promise<Answer> {
  const end = until ?? clock.now() + patienceMs;
  return http.request({
    ...request,
    signal,
    ...(once ? { repeat: 'once' } : {}),
    // One answer that never comes must leave time for another try.
    timeoutMs: Math.min(longestMs, Math.max((end - clock.now()) / 2, 1000)),
    backOff(answer) {
      if (answer.status !== 429) return undefined;
      const said = retryAfter(answer.headers['retry-after'], answer.headers.date);
      const ms = Math.max(said ?? 1000, 1000);
      if (clock.now() + ms > end) {
        const seconds = Math.ceil(ms / 1000);
        const message = `Slack limits the rate and asks for ${seconds} s, which is more than there is`;
        throw new RemoteError(message, { kind: 'unavailable', status: 429, answer });
      }
      log.info(`Slack limits the rate: waiting ${Math.ceil(ms / 1000)} s`);
      return ms;
    },
  });
}
