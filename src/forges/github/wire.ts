import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Answer, Http } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import type { Log } from '../../log.ts';
import { type BackOff, createBackOff } from './back-off.ts';
import { explain, type Purpose } from './explain.ts';

export type WireRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: unknown;
  /** Of an earlier answer: 304 then costs nothing. */
  readonly etag?: string;
  readonly repeat?: 'safe' | 'once';
  readonly purpose: Purpose;
  readonly signal: AbortSignal;
  /** When the caller gives up; ms since the epoch. */
  readonly until?: number;
  /** `false`: nobody waits for a rate limit. */
  readonly waits?: false;
};

export type Reply = {
  readonly status: number;
  readonly headers: Answer['headers'];
  /** undefined with 304. */
  readonly body: unknown;
};

export type WireOptions = {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly repo: string;
  /** Setting that holds the credential. */
  readonly setting: string;
};

export type Wire = {
  send(authorization: string, request: WireRequest): Promise<Reply>;
  /** The server's time, as its last answer told it. */
  now(): number;
  /** By how many ms the server's clock is ahead of ours. */
  ahead(): number;
};

/** `Date` counts whole seconds and the answer travelled: below this our clocks agree. */
const agreement = 2000;

/** GitHub's manners on one connection: headers, rate limits, and failures in words that help. */
export function createWire({ http, clock, log, repo, setting }: WireOptions): Wire {
  let skew = 0;
  const learn = (headers: Answer['headers'] | undefined): void => {
    const apart = Date.parse(headers?.date ?? '') - clock.now();
    if (!Number.isNaN(apart)) skew = Math.abs(apart) < agreement ? 0 : apart;
  };

  async function exchange(
    authorization: string,
    request: WireRequest,
    backOff: BackOff,
  ): Promise<Answer> {
    const { method, url, body, etag, repeat, signal, until } = request;
    return http.request({
      method,
      url,
      // One answer that never comes must leave time for another try.
      ...(until === undefined ? {} : { timeoutMs: Math.max((until - clock.now()) / 2, 1000) }),
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        authorization,
        ...(etag ? { 'if-none-match': etag } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(repeat ? { repeat } : {}),
      backOff: backOff.ask,
      signal,
    });
  }

  return {
    now: () => clock.now() + skew,
    ahead: () => skew,
    async send(authorization, request) {
      const { method, url, purpose } = request;
      const backOff = createBackOff(request, { clock, log });
      try {
        const answer = await exchange(authorization, request, backOff);
        learn(answer.headers);
        const { status, headers } = answer;
        if (status === 304) return { status, headers, body: undefined };
        return { status, headers, body: parse(answer, method, url) };
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        learn(error.answer?.headers);
        throw backOff.limited(error) ?? explain(error, purpose, { setting, repo });
      }
    },
  };
}

/** What a proxy made of an answer says nothing about whether GitHub acted. */
function parse(answer: Answer, method: WireRequest['method'], url: string): unknown {
  const { host, pathname } = new URL(url);
  try {
    return jsonOf(answer, `${method} ${host}${pathname}`);
  } catch (error) {
    if (!(error instanceof RemoteError) || method === 'GET') throw error;
    const { message, kind, cause } = error;
    throw new RemoteError(message, { kind, status: answer.status, unknown: true, cause });
  }
}
