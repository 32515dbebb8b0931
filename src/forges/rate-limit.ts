import type { RemoteAnswer, RemoteError } from '../errors.ts';
import { retryAfter } from '../http/retry.ts';

const minute = 60_000;

/**
 * How long a forge wants to be left alone, in ms; undefined when the answer is no rate limit. A 403 is either a limit
 * or a missing permission, and at GitHub only the headers and the message tell them apart.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function rateLimitWait(
  { status, headers, body }: RemoteAnswer,
  earlier: number,
  now: number,
): number | undefined {
  if ((status !== 403 && status !== 429) || /Resource not accessible by/.test(body)) {
    return undefined;
  }
  const said = retryAfter(headers['retry-after'], headers.date);
  if (said !== undefined) return Math.max(said, 1000);
  const reset = Number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset)) {
    return Math.max((reset + 1) * 1000 - serverTime(headers.date, now), 1000);
  }
  const secondary = /\bsecondary rate\b|\babuse detection\b/i.test(body);
  return secondary || status === 429 ? minute * 2 ** earlier : undefined;
}

const serverTime = (date: string | undefined, now: number): number => {
  const said = Date.parse(date ?? '');
  return Number.isNaN(said) ? now : said;
};

export const timeOfDay = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;

/** A wait that was too long once is too long again: such a failure is not repeated. */
export const isRateLimited = ({ answer }: RemoteError): boolean =>
  answer !== undefined && rateLimitWait(answer, 0, 0) !== undefined;
