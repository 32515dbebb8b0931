import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import WebSocket from 'ws';
import type { Clock } from '../clock.ts';
import type { RemoteError } from '../errors.ts';
import type { Log } from '../log.ts';
import { version } from '../version.ts';
import { answerError, type NetworkFault, networkError, subject } from './failure.ts';
import type { Call, Exchange, Message, Socket } from './http.ts';

export type SocketOptions = {
  readonly agent: { readonly http?: HttpAgent; readonly https?: HttpsAgent };
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
};

/** Load balancers cut what is silent; whether anybody answers does not matter. */
const pingMs = 25_000;
const largestMessage = 8 * 1024 * 1024;
/** So many messages wait before the sender is made to wait. */
const mostWaiting = 64;
const goodEnds = [1000, 1001, 1005];

/** The one place that knows ws. */
export async function openSocket(call: Call, options: SocketOptions): Promise<Socket> {
  const { agent, clock, log, timeoutMs } = options;
  const exchange: Exchange = { ...call, method: 'GET' };
  log.trace(`${subject(exchange, call.url)} is listened to`);
  const ws = new WebSocket(call.url, {
    headers: { 'user-agent': `slipway/${version}`, ...call.headers },
    agent: agent.https ?? agent.http,
    handshakeTimeout: timeoutMs,
    maxPayload: largestMessage,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  const over = new AbortController();
  let isLeft = false;
  const hangUp = (): void => {
    isLeft = true;
    over.abort();
    ws.terminate();
  };
  call.signal.addEventListener('abort', hangUp, { once: true });
  ws.once('close', () => {
    call.signal.removeEventListener('abort', hangUp);
    over.abort();
  });
  const fault = (error: NetworkFault): RemoteError => networkError(exchange, call.url, error);
  // From the first moment on: the first message may come in one piece with the handshake.
  const inbox = createInbox(ws, fault, () => isLeft);
  await opened(ws, exchange, fault).catch((error: unknown) => {
    hangUp();
    throw error;
  });
  if (call.signal.aborted) hangUp();
  void keepAwake(ws, clock, over.signal);
  return {
    send: ({ isText, bytes }) => ws.send(bytes, { binary: !isText }, () => {}),
    close: hangUp,
    async *[Symbol.asyncIterator]() {
      try {
        for (let next = await inbox(); next; next = await inbox()) yield next;
      } finally {
        hangUp();
      }
    },
  };
}

const opened = (
  ws: WebSocket,
  exchange: Exchange,
  fault: (error: NetworkFault) => RemoteError,
): Promise<void> =>
  new Promise((resolve, reject) => {
    ws.once('open', resolve);
    ws.on('error', (error) => reject(fault(error)));
    ws.once('close', () => reject(fault(Object.assign(new Error(), { code: 'ECONNRESET' }))));
    ws.once('unexpected-response', (_, response) => {
      void bodyOf(response).then((body) => {
        const { statusCode: status = 0 } = response;
        const headers = Object.entries(response.headers).map(([name, value]) => [name, `${value}`]);
        const answer = { status, headers: Object.fromEntries(headers), body, url: exchange.url };
        reject(answerError(exchange, answer));
      });
    });
  });

async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response) {
      parts.push(part as Buffer);
      bytes += (part as Buffer).length;
      if (bytes > 64 * 1024) break;
    }
  } catch {
    // What has come of it will do.
  }
  return Buffer.concat(parts).toString();
}

/** Takes the next message; undefined at the end. */
function createInbox(
  ws: WebSocket,
  fault: (error: NetworkFault) => RemoteError,
  hasLeft: () => boolean,
): () => Promise<Message | undefined> {
  const waiting: Message[] = [];
  let end: { readonly error?: RemoteError } | undefined;
  let wake = (): void => {};
  ws.on('message', (data, isBinary) => {
    waiting.push({ isText: !isBinary, bytes: data as Buffer });
    if (waiting.length >= mostWaiting) ws.pause();
    wake();
  });
  ws.on('error', (error) => {
    end ??= { error: fault(error) };
  });
  ws.on('close', (code) => {
    const cut = Object.assign(new Error(), { code: 'ECONNRESET' });
    end ??= hasLeft() || goodEnds.includes(code) ? {} : { error: fault(cut) };
    wake();
  });
  return async () => {
    while (waiting.length === 0) {
      if (hasLeft() && !end) return undefined;
      if (end?.error && !hasLeft()) throw end.error;
      if (end) return undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const next = waiting.shift();
    if (waiting.length < mostWaiting / 2 && ws.isPaused) ws.resume();
    return next;
  };
}

async function keepAwake(ws: WebSocket, clock: Clock, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await clock.pause(pingMs, over);
    if (ws.readyState === WebSocket.OPEN) ws.ping(undefined, undefined, () => {});
  }
}
