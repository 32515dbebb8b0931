import got, { type RequestError } from 'got';
import type { Clock } from '../clock.ts';
import { messageOf, type RemoteError } from '../errors.ts';
import type { Fields, Log } from '../log.ts';
import { version } from '../version.ts';
import { createAgents, type Network } from './agents.ts';
import { createDownloads } from './download.ts';
import { answerError, doubted, networkError, redirected, subject } from './failure.ts';
import type { Answer, Downloads, Exchange, Http, Source, Trust } from './http.ts';
import { type Delay, delayBefore } from './retry.ts';

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
const toldEveryMs = 60_000;

/** Here and in download.ts is all that knows got. What leaves is our errors, so no header, query or body can be logged. */
export function createHttp(options: ClientOptions): Http & Downloads {
  const { clock, log, timeoutMs, retryBaseMs = 1000 } = options;
  const agents = createAgents(options);
  const others: Http[] = [];
  const told = new Map<string, number>();
  let isClosed = false;

  async function once(exchange: Exchange, url: string): Promise<Answer> {
    const oversize = new AbortController();
    const pieces = isSource(exchange.body)
      ? exchange.body.open()[Symbol.asyncIterator]()
      : undefined;
    const length = isSource(exchange.body) ? { 'content-length': `${exchange.body.bytes}` } : {};
    const request = got(url, {
      method: exchange.method,
      headers: { 'user-agent': `slipway/${version}`, ...length, ...exchange.headers },
      ...(exchange.body === undefined
        ? {}
        : { body: pieces ? iterable(pieces) : (exchange.body as string) }),
      agent: agents.for(url),
      followRedirect: false,
      throwHttpErrors: false,
      retry: { limit: 0 },
      timeout: patienceOf(exchange),
      signal: AbortSignal.any([exchange.signal, oversize.signal]),
      responseType: 'text',
    });
    request.on('downloadProgress', ({ transferred }) => {
      if (transferred > largestBody) oversize.abort();
    });
    // A service that says no before it has heard everything leaves the rest unread.
    const response = await request.finally(() => void pieces?.return?.().catch(() => {}));
    const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: response.statusCode,
      headers: Object.fromEntries(headers),
      body: response.body,
      url,
    };
  }

  const patienceOf = ({ silenceMs, timeoutMs: own = timeoutMs }: Exchange) =>
    silenceMs === undefined
      ? { request: Math.min(own, timeoutMs) }
      : { lookup: timeoutMs, connect: timeoutMs, secureConnect: timeoutMs, socket: silenceMs };

  /** The first repeat is seen at once; a host that goes on failing does not fill the log. */
  function tell({ url }: Exchange, text: string, { isAsked }: Delay): void {
    const host = URL.parse(url)?.host ?? '';
    const now = clock.now();
    // Who asks for a wait says why.
    const isNews = !isAsked && now - (told.get(host) ?? Number.NEGATIVE_INFINITY) >= toldEveryMs;
    if (isNews) told.set(host, now);
    log[isNews ? 'info' : 'debug'](text);
  }

  async function attempt(exchange: Exchange): Promise<Answer> {
    let url = exchange.url;
    for (let hops = 0; ; hops += 1) {
      const started = clock.now();
      log.trace(`${subject(exchange, url)} is asked`, sizeOf(exchange));
      const answer = await once(exchange, url).catch((error: RequestError) => {
        log.trace(
          `${subject(exchange, url)} failed after ${clock.now() - started} ms: ${error.code}`,
        );
        throw networkError(exchange, url, error);
      });
      log.trace(
        `${subject(exchange, url)} answered ${answer.status} in ${clock.now() - started} ms`,
        remarks(answer),
      );
      const next =
        answer.status > 300 && answer.status !== 304 ? answer.headers.location : undefined;
      const isLast = answer.status > 399 || next === undefined || exchange.redirects === 'none';
      if (isLast) return answer;
      url = redirected(exchange, url, next, answer);
      if (hops === mostRedirects) throw answerError(exchange, answer, 'it redirects in circles');
    }
  }

  return {
    async request(exchange) {
      const accept =
        exchange.accept ?? ((status) => (status > 199 && status < 300) || status === 304);
      let doubt = false;
      for (let repeats = 0; ; repeats += 1) {
        const result = await attempt(exchange).catch((error: RemoteError) => error);
        if (!(result instanceof Error) && accept(result.status)) return result;
        const last = result instanceof Error ? result : answerError(exchange, result);
        // A lost answer is not undone by a later one that says no.
        doubt ||= last.unknown;
        const failure = doubt ? doubted(last) : last;
        const delay =
          repeats < mostRepeats ? delayBefore(repeats, exchange, failure, retryBaseMs) : undefined;
        if (delay === undefined || exchange.signal.aborted || isClosed) throw failure;
        const seconds = Math.ceil(delay.ms / 1000);
        tell(exchange, `${messageOf(failure)}; trying again in ${seconds} s`, delay);
        await clock.pause(delay.ms, exchange.signal);
        if (exchange.signal.aborted) throw failure;
      }
    },
    ...createDownloads({ agents, clock, log, timeoutMs, retryBaseMs }),
    async socket(call) {
      const { openSocket } = await import('./websocket.ts');
      return openSocket(call, { agent: agents.for(call.url), clock, log, timeoutMs });
    },
    trusting(trust) {
      const other = createHttp(trustedBy(options, trust));
      others.push(other);
      return other;
    },
    close() {
      isClosed = true;
      agents.close();
      for (const other of others) other.close();
    },
  };
}

/** The options of a client that trusts more than this one does. */
export const trustedBy = (options: ClientOptions, trust: Trust): ClientOptions => ({
  ...options,
  caCert: [options.caCert, trust.caCert].filter(Boolean).join('\n') || undefined,
  skipVerify: options.skipVerify || trust.skipVerify === true,
  identity: trust.identity ?? options.identity,
});

/** Unlike a stream, got asks it for the next piece only when the one before is written. */
const iterable = (pieces: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => pieces,
});

const isSource = (body: Exchange['body']): body is Source =>
  typeof body === 'object' && 'open' in body;

/** Only headers that are known to hold no secret, and never a body. */
const remarks = ({ headers, body }: Answer): Fields => ({
  bytes: Buffer.byteLength(body),
  'request id': headers['x-github-request-id'] ?? headers['x-request-id'],
  'rate limit left': headers['x-ratelimit-remaining'],
  'retry after': headers['retry-after'],
});

const sizeOf = ({ body }: Exchange): Fields => ({
  bytes: body === undefined ? undefined : isSource(body) ? body.bytes : Buffer.byteLength(body),
});
