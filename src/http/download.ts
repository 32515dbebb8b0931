import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Clock } from '../clock.ts';
import { messageOf, RemoteError } from '../errors.ts';
import type { Log } from '../log.ts';
import { version } from '../version.ts';
import type { createAgents } from './agents.ts';
import { answerError, networkError, subject } from './failure.ts';
import type { Answer, Download, Downloads, Exchange } from './http.ts';
import { delayBefore } from './retry.ts';

type Kit = {
  readonly agents: ReturnType<typeof createAgents>;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
  readonly retryBaseMs: number;
};

const late = (): Error => Object.assign(new Error('there was no answer'), { code: 'ETIMEDOUT' });

const usualRepeats = 4;
const mostRedirects = 5;
const mebibyte = 1024 * 1024;
/** Of an answer that is a failure, for the sentence in it. */
const largestRefusal = 64 * 1024;

const isGood = (status: number): boolean => status > 199 && status < 300;

type Hop = Pick<Exchange, 'url' | 'headers'>;
type Open = { readonly answer: Omit<Answer, 'body'>; readonly stream: AsyncIterable<Uint8Array> };

/** Bodies that are read as they come. A redirect may lead to another host, which hears of no credential. */
export function createDownloads({ agents, clock, log, timeoutMs, retryBaseMs }: Kit): Downloads {
  async function open(exchange: Exchange, { url, headers }: Hop): Promise<Open> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { http: plain, https: secure } = agents.for(url);
      const request = (secure ? https : http).request(url, {
        headers: { 'user-agent': `slipway/${version}`, 'accept-encoding': 'identity', ...headers },
        agent: secure ?? plain,
        signal: exchange.signal,
        // Silence is bounded, not the whole: a large body takes its time.
        timeout: timeoutMs,
      });
      request.once('timeout', () => request.destroy(late()));
      request.once('error', reject).once('response', resolve).end();
    }).catch((error) => {
      throw networkError(exchange, url, error);
    });
    // Whoever reads the body is told; before that nobody is.
    response.on('error', () => {});
    const { statusCode: status = 0 } = response;
    // Node joins what came twice, but for cookies.
    const { 'set-cookie': _, ...rest } = response.headers;
    const answer = { status, headers: rest as Answer['headers'], url };
    return { answer, stream: guarded(exchange, url, response) };
  }

  async function attempt<T>(download: Download<T>, exchange: Exchange): Promise<T> {
    const accept = download.accept ?? isGood;
    let hop: Hop = exchange;
    for (let hops = 0; ; hops += 1) {
      const started = clock.now();
      log.trace(`${subject(exchange, hop.url)} is asked`);
      const { answer, stream } = await open(exchange, hop);
      const ms = clock.now() - started;
      log.trace(`${subject(exchange, hop.url)} answered ${answer.status} in ${ms} ms`);
      if (accept(answer.status)) {
        return await download.take(bounded(exchange, hop.url, stream, download), answer);
      }
      const told = { ...answer, body: await refusalIn(stream) };
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status > 399 || !location) {
        throw answerError(exchange, told);
      }
      if (hops === mostRedirects) throw answerError(exchange, told, 'it redirects in circles');
      hop = next(exchange, hop, location, told);
    }
  }

  return {
    async download(download) {
      const exchange: Exchange = { ...download, method: 'GET' };
      const { mostRepeats = usualRepeats } = download;
      for (let repeats = 0; ; repeats += 1) {
        const result = await attempt(download, exchange).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        if ('value' in result) return result.value;
        const { error } = result;
        if (!(error instanceof RemoteError)) throw error;
        const delay =
          repeats < mostRepeats ? delayBefore(repeats, exchange, error, retryBaseMs) : undefined;
        if (delay === undefined || exchange.signal.aborted) throw error;
        log.debug(`${messageOf(error)}; trying again in ${Math.ceil(delay.ms / 1000)} s`);
        await clock.pause(delay.ms, exchange.signal);
        if (exchange.signal.aborted) throw error;
      }
    },
  };
}

/** Headers that say nothing of who asks. */
const harmless = /^accept$/i;

/** Another host gets what anybody may know; from TLS nothing leads to where everybody listens. */
function next(exchange: Exchange, { url, headers }: Hop, location: string, answer: Answer): Hop {
  const place = URL.canParse(location, url) ? new URL(location, url) : undefined;
  const from = new URL(url);
  const isWeb = place?.protocol === 'https:' || place?.protocol === 'http:';
  if (!place || !isWeb) throw answerError(exchange, answer, 'it redirects to nowhere');
  if (from.protocol === 'https:' && place.protocol !== 'https:') {
    throw answerError(exchange, answer, `it redirects to ${place.origin}, which is not safe`);
  }
  if (place.origin === from.origin) return { url: place.href, headers: headers ?? {} };
  const kept = Object.entries(headers ?? {}).filter(([name]) => harmless.test(name));
  return { url: place.href, headers: Object.fromEntries(kept) };
}

/** Its failures are ours, whoever reads it; who stops reading hangs up. */
async function* guarded(
  exchange: Exchange,
  url: string,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw networkError(exchange, url, error as Error);
  }
}

async function* bounded(
  exchange: Exchange,
  url: string,
  stream: AsyncIterable<Uint8Array>,
  { most, cure }: Pick<Download<unknown>, 'most' | 'cure'>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of stream) {
    bytes += piece.length;
    if (bytes > most) {
      const limit = most < mebibyte ? `${most} bytes` : `${Math.floor(most / mebibyte)} MiB`;
      const message = `${subject(exchange, url)} failed: the answer is larger than ${limit}`;
      throw new RemoteError(cure ? `${message}: ${cure}` : message, { kind: 'refused' });
    }
    yield piece;
  }
}

async function refusalIn(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > largestRefusal) break;
  }
  return Buffer.concat(pieces).toString();
}
