import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Answer, Http } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import type { Log } from '../../log.ts';
import { createForgeHttp } from '../forge-http.ts';
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

/** GitHub's manners on one connection: headers, rate limits, and failures in words that help. */
export function createWire({ http, clock, log, repo, setting }: WireOptions): Wire {
  const forge = createForgeHttp({ http, clock });

  async function exchange(
    authorization: string,
    request: WireRequest,
    backOff: BackOff,
  ): Promise<Answer> {
    const { method, url, body, etag, repeat, signal, until } = request;
    const headers = {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      authorization,
      ...(etag ? { 'if-none-match': etag } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return forge.request(
      { method, url, headers, ...sent, ...(repeat ? { repeat } : {}), backOff: backOff.ask },
      { signal, until },
    );
  }

  return {
    now: forge.now,
    ahead: forge.ahead,
    async send(authorization, request) {
      const { method, url, purpose } = request;
      const backOff = createBackOff(request, { clock, log });
      try {
        const answer = await exchange(authorization, request, backOff);
        const { status, headers } = answer;
        if (status === 304) return { status, headers, body: undefined };
        return { status, headers, body: parse(answer, method, url) };
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
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
