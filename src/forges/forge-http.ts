import type { Clock } from '../clock.ts';
import { RemoteError } from '../errors.ts';
import type { Answer, Exchange, Http } from '../http/http.ts';
import type { Patience } from './forge.ts';

/** One forge by HTTP, and what its answers tell of its clock. */
export type ForgeHttp = {
  /** One answer that never comes leaves time for another try. */
  request(exchange: Omit<Exchange, 'signal'>, patience: Patience): Promise<Answer>;
  /** The server's time, as its last answer told it; ms since the epoch. */
  now(): number;
  /** By how many ms the server's clock is ahead of ours. */
  ahead(): number;
};

/** `Date` counts whole seconds and the answer travelled: below this our clocks agree. */
const agreement = 2000;
const leastMs = 1000;

export function createForgeHttp({
  http,
  clock,
}: {
  readonly http: Pick<Http, 'request'>;
  readonly clock: Clock;
}): ForgeHttp {
  let skew = 0;
  const learn = (headers: Answer['headers'] | undefined): void => {
    const apart = Date.parse(headers?.date ?? '') - clock.now();
    // Markers carry it: one that came out otherwise with every answer would look like another run's.
    if (Number.isNaN(apart) || Math.abs(apart - skew) < agreement) return;
    skew = Math.abs(apart) < agreement ? 0 : apart;
  };
  return {
    now: () => clock.now() + skew,
    ahead: () => skew,
    async request(exchange, { signal, until }) {
      const half = until === undefined ? undefined : (until - clock.now()) / 2;
      const timeoutMs = half === undefined ? {} : { timeoutMs: Math.max(half, leastMs) };
      try {
        const answer = await http.request({ ...exchange, ...timeoutMs, signal });
        learn(answer.headers);
        return answer;
      } catch (error) {
        if (error instanceof RemoteError) learn(error.answer?.headers);
        throw error;
      }
    },
  };
}
