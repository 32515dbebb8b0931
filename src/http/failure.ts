import { messageOf, RemoteError, type RemoteKind, type Stop } from '../errors.ts';
import type { Answer, Exchange } from './http.ts';
import { isRead, neverSent } from './retry.ts';

/** METHOD host/path: never the query, and not the path where that is the secret. */
export const subject = (exchange: Exchange, url: string): string => {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (!place) return `${exchange.method} an unusable URL`;
  return `${exchange.method} ${place.host}${exchange.secretPath ? '/…' : place.pathname}`;
};

/** A POST that became a GET, or a token on another host, would be worse than an error. */
export function redirected(
  exchange: Exchange,
  from: string,
  location: string,
  answer: Answer,
): string {
  const next = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (next?.origin !== new URL(from).origin) {
    const where = next && next.origin !== 'null' ? next.origin : 'nowhere';
    const detail = `it redirects to ${where}, where the credential is not sent`;
    throw answerError(exchange, answer, detail);
  }
  const rewrites = answer.status === 302 || answer.status === 303;
  if (rewrites && exchange.method !== 'GET' && exchange.method !== 'HEAD') {
    throw answerError(exchange, answer, 'it redirects in a way that drops what was sent');
  }
  return next.href;
}

/** What is read of an error of got's. */
export type NetworkFault = Error & {
  readonly code?: string;
  readonly timings?: { readonly connect?: number | undefined } | undefined;
};

/** Total on purpose: whatever got throws becomes ours. */
export function networkError(exchange: Exchange, url: string, error: NetworkFault): RemoteError {
  const interrupted = exchange.signal.aborted;
  const reason = interrupted ? whyAborted(exchange.signal) : reasonOf(error);
  return new RemoteError(`${subject(exchange, url)} failed: ${reason}`, {
    kind: isFinal(error.code) && !interrupted ? 'refused' : 'unavailable',
    unknown: !isRead(exchange) && !neverSent(error.code) && !neverConnected(exchange, error),
    // got's error carries the request's headers and body; only its code goes on.
    cause: { code: error.code },
  });
}

/** A Stop tells why; without one, whoever waited had no more time. */
const whyAborted = ({ reason }: AbortSignal): string =>
  typeof (reason as Stop | undefined)?.kind === 'string'
    ? 'it was interrupted'
    : 'there was no answer in time';

/** Time or patience ran out before there was a connection. */
const neverConnected = ({ signal }: Exchange, { code, timings }: NetworkFault): boolean =>
  (code === 'ETIMEDOUT' || signal.aborted) && timings?.connect === undefined;

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the host is not known',
  EAI_AGAIN: 'the host could not be looked up',
  ETIMEDOUT: 'there was no answer in time',
  ERR_READING_RESPONSE_STREAM: 'the answer ended half-way',
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: 'the answer ended half-way',
  ERR_ABORTED: 'the answer is larger than 8 MiB',
  ERR_PROXY_TUNNEL: 'the proxy refused to connect',
  ERR_INVALID_CHAR: 'a header holds a character that HTTP does not allow',
};
const tlsCodes = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;
/** A certificate that is wrong stays wrong. */
const isFinal = (code: string | undefined): boolean =>
  code !== undefined && (tlsCodes.test(code) || ['ERR_ABORTED', 'ERR_INVALID_CHAR'].includes(code));
function reasonOf(error: NetworkFault): string {
  const { code } = error;
  if (code === undefined) return messageOf(error).split('\n')[0] ?? 'of an unknown fault';
  if (reasons[code]) return reasons[code];
  if (code.startsWith('HPE_')) return `the answer is not HTTP (${code})`;
  return tlsCodes.test(code)
    ? `the TLS connection failed (${code}); a private CA goes into ca_cert`
    : code;
}

const kindOf = (status: number): RemoteKind => {
  if (status === 401) return 'credentials';
  if (status === 403) return 'permission';
  return status === 408 || status === 429 || status > 499 ? 'unavailable' : 'refused';
};

/** The failure that an answer amounts to. */
export function answerError(exchange: Exchange, answer: Answer, detail?: string): RemoteError {
  const { status } = answer;
  const said = detail ?? saidIn(exchange, answer);
  return new RemoteError(
    `${subject(exchange, answer.url)} failed: the service answered ${status}${said ? `: ${said}` : ''}`,
    {
      kind: kindOf(status),
      status,
      // After 302 and 303 the work is often done, and only its page is elsewhere.
      unknown: !isRead(exchange) && (status > 499 || [302, 303, 408].includes(status)),
      answer,
    },
  );
}

/** The same failure, after an earlier attempt whose answer was lost. */
export function doubted(failure: RemoteError): RemoteError {
  if (failure.unknown) return failure;
  const { message, kind, status, answer, cause } = failure;
  return new RemoteError(message, {
    kind,
    unknown: true,
    cause,
    ...(status === undefined ? {} : { status }),
    ...(answer === undefined ? {} : { answer }),
  });
}

/** The sentence that most APIs put into `message` or `error`. */
function saidIn(exchange: Exchange, answer: Answer): string | undefined {
  try {
    const { message, error } = JSON.parse(answer.body) as Record<string, unknown>;
    const said = [message, error].find((text) => typeof text === 'string' && text !== '');
    return typeof said === 'string' ? unechoed(exchange, said) : undefined;
  } catch {
    return undefined;
  }
}

const ordinary = /^(?:accept|content-|if-|user-agent)/i;
/** Whoever has a link that is signed may use it: a query is what signs it. */
const queries = /([a-z][a-z\d+.-]*:\/\/[^\s"'<>?#]*)[?#][^\s"'<>]*/gi;
/** Some services quote the token that they do not like. */
function unechoed(exchange: Exchange, said: string): string {
  const headers = Object.entries(exchange.headers ?? {}).filter(([name]) => !ordinary.test(name));
  const place = URL.canParse(exchange.url) ? new URL(exchange.url) : undefined;
  const query = [...(place?.searchParams.values() ?? [])];
  const path = exchange.secretPath && place ? [place.pathname] : [];
  const secrets = [
    ...headers.flatMap(([, value]) => [value, ...value.split(' ')]),
    ...query,
    ...path,
  ]
    .filter((text) => text.length > 5)
    .toSorted((a, b) => b.length - a.length);
  const clean = secrets
    .reduce((text, secret) => text.replaceAll(secret, '***'), said)
    .replace(queries, '$1?***');
  // Not cut: what is left of a secret could not be redacted.
  return clean.replace(/\s+/g, ' ').trim();
}
