import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Patience as Waiting } from '../../forges/forge.ts';
import { createForgeHttp } from '../../forges/forge-http.ts';
import type { Answer, Exchange, Http } from '../../http/http.ts';
import { retryAfter } from '../../http/retry.ts';
import type { Log } from '../../log.ts';

/** How long the caller waits. `once`: nobody asks again where there was no answer. */
export type Patience = Waiting & { readonly once?: true };
export type Wire = {
  /** One exchange with Slack, which is left alone for as long as it asks, if the caller has so much time. */
  send(request: Omit<Exchange, 'signal'>, patience: Patience): Promise<Answer>;
  /** By how many ms its clock is ahead of ours, as its last answer told. */
  ahead(): number;
};

const patienceMs = 30_000;
const quietMs = 60_000;

export function createWire(deps: {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
}): Wire {
  const { clock, log } = deps;
  const slack = createForgeHttp(deps);
  /** Until when it is known that Slack limits the rate. */
  let limitedUntil = 0;

  function limitIn(answer: Answer, until: number): number | undefined {
    if (answer.status !== 429) return undefined;
    const said = retryAfter(answer.headers['retry-after'], answer.headers.date);
    const ms = Math.max(said ?? 1000, 1000);
    const seconds = Math.ceil(ms / 1000);
    if (clock.now() + ms > until) {
      const message = `Slack limits the rate and asks for ${seconds} s, which is more than there is`;
      throw new RemoteError(message, { kind: 'unavailable', status: 429, answer });
    }
    const isNews = clock.now() > limitedUntil;
    limitedUntil = clock.now() + ms + quietMs;
    log[isNews ? 'info' : 'debug'](`Slack limits the rate: waiting ${seconds} s`);
    return ms;
  }

  return {
    ahead: slack.ahead,
    send(request, { signal, until = clock.now() + patienceMs, once }) {
      const backOff = (answer: Answer): number | undefined => limitIn(answer, until);
      const repeat = once ? ({ repeat: 'once' } as const) : {};
      return slack.request({ ...request, ...repeat, backOff }, { signal, until });
    },
  };
}
