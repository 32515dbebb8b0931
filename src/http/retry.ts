import { RemoteError } from '../errors.ts';
import type { Answer, Exchange } from './http.ts';

/** Beyond a minute, the caller's own deadline is the better judge. */
const longestWait = 60_000;

/** Failures before the request left: repeating cannot do anything twice. */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_PROXY_TUNNEL',
  'ERR_INVALID_CHAR',
]);
const distrusted = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/;
export const neverSent = (code: string | undefined): boolean =>
  code !== undefined && (unsent.has(code) || distrusted.test(code));

/** `isAsked`: it is the wait that the exchange's own `backOff` asked for. */
export type Delay = { readonly ms: number; readonly isAsked: boolean };

/** How long to wait before the same request again; undefined: do not repeat it. */
export function delayBefore(
  repeats: number,
  exchange: Exchange,
  failure: Error,
  baseMs: number,
): Delay | undefined {
  if (!(failure instanceof RemoteError)) return undefined;
  const { answer } = failure;
  const asked = answer ? exchange.backOff?.(answer as Answer) : undefined;
  if (asked !== undefined) return { ms: asked, isAsked: true };
  const safe = exchange.repeat === 'safe' || isRead(exchange);
  if (failure.kind !== 'unavailable' || (failure.unknown && !safe)) return undefined;
  const said = retryAfter(answer?.headers['retry-after'], answer?.headers.date);
  if (said !== undefined && said > longestWait) return undefined;
  // Full jitter over 1, 2, 4, 8 s: clients that failed together do not come back together.
  const jittered = baseMs * 2 ** repeats * (0.5 + Math.random() / 2);
  return { ms: said === undefined ? jittered : Math.max(said, baseMs), isAsked: false };
}

/** Never earlier, and up to 15 % later: those that were told the same moment, or wait for the same end, come apart. */
export const spread = (ms: number, drawn = Math.random()): number => ms * (1 + 0.15 * drawn);

/** A GET that is marked `once` changes something, whatever its method says. */
export const isRead = ({ method, repeat }: Exchange): boolean =>
  (method === 'GET' || method === 'HEAD') && repeat !== 'once';

/** Seconds, or a date by the server's own clock. */
export function retryAfter(value: string | undefined, serverDate?: string): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const until = Date.parse(value);
  const now = Date.parse(serverDate ?? '');
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(0, until - now);
}
