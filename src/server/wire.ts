import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions } from 'fastify';
import { jsonBytes } from './answer.ts';
import { apiBytes } from './body.ts';

/**
 * Orca polls every 15 s and pools connections for minutes; a connection that we close just as it is used again fails
 * the stage. So idle ones live long, and the longer limits of requests catch those who send a byte a minute.
 */
const idleMs = 65_000;
const headersMs = 70_000;
const requestMs = 75_000;
const checkMs = 5000;
const mostConnections = 10_000;

/** Longer than any id, key or name of ours, and what find-my-way calls 414 without JSON. */
const longestParam = 1024;

export const wireOptions = {
  logger: false,
  bodyLimit: apiBytes,
  keepAliveTimeout: idleMs,
  requestTimeout: requestMs,
  http: {
    headersTimeout: headersMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: 16 * 1024,
    // Nobody here looks at it, and Node's own refusal has no body.
    requireHostHeader: false,
  },
  // Streams end by themselves, and who polls shall hear the end of its answer.
  forceCloseConnections: 'idle',
  exposeHeadRoutes: true,
  routerOptions: { maxParamLength: longestParam, ignoreTrailingSlash: true },
  clientErrorHandler: answerBroken,
} as const satisfies FastifyHttpOptions<Server>;

export function holdWire(server: Server): void {
  server.maxConnections = mostConnections;
  server.prependListener('request', (request, response) => {
    last.set(request.socket, { request, response });
  });
  // An expectation that we do not know is none: Node's own refusal is no JSON.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

const sayings: Readonly<Record<string, readonly [string, string, string]>> = {
  // Not 408, which okhttp sends again at once.
  ERR_HTTP_REQUEST_TIMEOUT: ['400 Bad Request', 'too_slow', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'headers_too_large',
    'The headers are larger than 16 KiB.',
  ],
};

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };
const last = new WeakMap<Socket, Exchange>();

/** What stands before broken bytes has its own answer, which ours must not be taken for, nor get into. */
function isAnotherUnderWay(socket: Socket): boolean {
  const { request, response } = last.get(socket) ?? {};
  if (!request || !response || response.writableFinished) return false;
  if (response.headersSent) socket.destroy();
  // They are of its own body where that is not whole.
  else if (request.complete) response.once('finish', () => socket.end());
  else return false;
  return true;
}

/** What is no HTTP has no request that Fastify could answer. */
function answerBroken(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable)
    return void socket.destroy();
  // A connection that was opened ahead and never used need not hear why it ends.
  if (socket.bytesRead === 0) return void socket.destroy();
  if (isAnotherUnderWay(socket)) return;
  const [status, code, message] = sayings[error.code ?? ''] ?? [
    '400 Bad Request',
    'bad_request',
    'The request is not HTTP.',
  ];
  const body = jsonBytes({ error: code, message });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}
