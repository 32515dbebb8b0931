import got, { type RequestError } from 'got';
import type { Clock } from '../clock.ts';
import { messageOf, RemoteError } from '../errors.ts';
import type { Log } from '../log.ts';
import { version } from '../version.ts';
import { createAgents, type Network } from './agents.ts';
import type { Answer, Exchange, Http } from './http.ts';
import { delayBefore, neverSent } from './retry.ts';

export type ClientOptions = Network & {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** First pause before a repeat; it doubles. */
  readonly retryBaseMs?: number;
};

const largestBody = 8 * 1024 * 1024;
const mostRepeats = 5;
const mostRedirects = 5;

/** The one place that knows got. What leaves it is our errors, so no header, query or body can be logged. */
export function createHttp(options: ClientOptions): Http {
  const { clock, log, timeoutMs, retryBaseMs = 1000 } = options;
  const agents = createAgents(options);

  async function once(exchange: Exchange, url: string): Promise<Answer> {
    const oversize = new AbortController();
    const request = got(url, {
      method: exchange.method,
      headers: { 'user-agent': `slipway/${version}`, ...exchange.headers },
      ...(exchange.body === undefined ? {} : { body: exchange.body }),
      agent: agents.for(url),
      followRedirect: false,
      throwHttpErrors: false,
      retry: { limit: 0 },
      timeout: { request: exchange.timeoutMs ?? timeoutMs },
      signal: AbortSignal.any([exchange.signal, oversize.signal]),
      responseType: 'text',
    });
    request.on('downloadProgress', ({ transferred }) => {
      if (transferred > largestBody) oversize.abort();
    });
    const response = await request;
    const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: response.statusCode,
      headers: Object.fromEntries(headers),
      body: response.body,
      url,
    };
  }

  async function attempt(exchange: Exchange): Promise<Answer> {
    let url = exchange.url;
    for (let hops = 0; ; hops += 1) {
      const started = clock.now();
      const answer = await once(exchange, url).catch((error: RequestError) => {
        log.trace(
          `${subject(exchange, url)} failed after ${clock.now() - started} ms: ${error.code}`,
        );
        throw networkError(exchange, url, error);
      });
      log.trace(
        `${subject(exchange, url)} answered ${answer.status} in ${clock.now() - started} ms`,
      );
      const next =
        answer.status > 300 && answer.status !== 304 ? answer.headers.location : undefined;
      if (answer.status > 399 || next === undefined) return answer;
      url = redirected(exchange, url, next, answer);
      if (hops === mostRedirects) throw answerError(exchange, answer, 'it redirects in circles');
    }
  }

  return {
    async request(exchange) {
      const accept =
        exchange.accept ?? ((status) => (status > 199 && status < 300) || status === 304);
      for (let repeats = 0; ; repeats += 1) {
        const result = await attempt(exchange).catch((error: unknown) => error);
        if (!(result instanceof Error) && accept((result as Answer).status))
          return result as Answer;
        const failure = result instanceof Error ? result : answerError(exchange, result as Answer);
        const delay =
          repeats < mostRepeats ? delayBefore(repeats, exchange, failure, retryBaseMs) : undefined;
        if (delay === undefined || exchange.signal.aborted) throw failure;
        log.debug(`${messageOf(failure)}; trying again in ${Math.ceil(delay / 1000)} s`);
        await clock.pause(delay, exchange.signal);
        if (exchange.signal.aborted) throw failure;
      }
    },
    close: () => agents.close(),
  };
}

/** METHOD host/path: never the query, and not the path where that is the secret. */
const subject = (exchange: Exchange, url: string): string => {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (!place) return `${exchange.method} an unusable URL`;
  return `${exchange.method} ${place.host}${exchange.secretPath ? '/…' : place.pathname}`;
};

/** A POST that became a GET, or a token on another host, would be worse than an error. */
function redirected(exchange: Exchange, from: string, location: string, answer: Answer): string {
  const next = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (next?.origin !== new URL(from).origin) {
    const where = next ? next.host : 'nowhere';
    throw answerError(
      exchange,
      answer,
      `it redirects to ${where}, where the credential is not sent`,
    );
  }
  const rewrites = answer.status === 302 || answer.status === 303;
  if (rewrites && exchange.method !== 'GET' && exchange.method !== 'HEAD') {
    throw answerError(exchange, answer, 'it redirects in a way that drops what was sent');
  }
  return next.href;
}

/** Total on purpose: whatever got throws becomes ours. */
function networkError(exchange: Exchange, url: string, error: RequestError): RemoteError {
  const reason = exchange.signal.aborted
    ? 'it was interrupted'
    : reasonOf(error.code, messageOf(error));
  const safe = exchange.method === 'GET' || exchange.method === 'HEAD';
  return new RemoteError(`${subject(exchange, url)} failed: ${reason}`, {
    kind: isFinal(error.code) && !exchange.signal.aborted ? 'refused' : 'unavailable',
    unknown: !safe && !neverSent(error.code),
    // got's error carries the request's headers and body; only its code and message go on.
    cause: { code: error.code },
  });
}

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
};
const tlsCodes = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;
/** A certificate that is wrong stays wrong. */
const isFinal = (code: string | undefined): boolean =>
  code !== undefined && (tlsCodes.test(code) || code === 'ERR_ABORTED');
function reasonOf(code: string | undefined, message: string): string {
  if (code && reasons[code]) return reasons[code];
  if (code && tlsCodes.test(code)) {
    return `the TLS connection failed (${code}); a private CA goes into ca_cert`;
  }
  return code ?? message.split('\n')[0] ?? 'of an unknown fault';
}

/** The failure that an answer amounts to. */
export function answerError(exchange: Exchange, answer: Answer, detail?: string): RemoteError {
  const { status } = answer;
  const kind =
    status === 401
      ? 'credentials'
      : status === 403
        ? 'permission'
        : status === 408 || status === 429 || status > 499
          ? 'unavailable'
          : 'refused';
  const said = detail ?? saidIn(answer);
  const safe = exchange.method === 'GET' || exchange.method === 'HEAD';
  return new RemoteError(
    `${subject(exchange, answer.url)} failed: the service answered ${status}${said ? `: ${said}` : ''}`,
    { kind, status, unknown: !safe && (status > 499 || status === 408), answer },
  );
}

/** The sentence that most APIs put into `message` or `error`. */
function saidIn(answer: Answer): string | undefined {
  try {
    const { message, error } = JSON.parse(answer.body) as Record<string, unknown>;
    const said = [message, error].find((text) => typeof text === 'string' && text !== '');
    return typeof said === 'string' ? said.replace(/\s+/g, ' ').slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}
