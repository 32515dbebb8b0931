import type { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';

export type Loopback = {
  readonly url: string;
  readonly host: string;
  /** Every request that arrived, head only. */
  readonly seen: readonly IncomingMessage[];
  /** Every request for a WebSocket, head only; without a listener they are answered as plain requests are. */
  readonly upgrades: readonly IncomingMessage[];
  onUpgrade(listen: Upgrade): void;
  /** How many connections were opened. */
  connections(): number;
  close(): Promise<void>;
};
export type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

async function open(server: net.Server, scheme: string): Promise<Loopback> {
  const sockets = new Set<Socket>();
  const seen: IncomingMessage[] = [];
  const upgrades: IncomingMessage[] = [];
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.unref();
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const emitter: EventEmitter = server;
  emitter.prependListener('request', (request: IncomingMessage) => seen.push(request));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes its server must not keep the whole run waiting.
  server.unref();
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${scheme}://${host}`,
    host,
    seen,
    upgrades,
    onUpgrade: (listen) =>
      void server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
        upgrades.push(request);
        listen(request, socket, head);
      }),
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A real HTTP server on loopback. */
export const serve = (answer: RequestListener): Promise<Loopback> =>
  open(http.createServer(answer), 'http');
export const serveTls = (
  options: https.ServerOptions,
  answer: RequestListener,
): Promise<Loopback> => open(https.createServer(options, answer), 'https');
/** A server that speaks whatever it is told to: broken HTTP, above all. */
export const serveRaw = (answer: (socket: Socket) => void): Promise<Loopback> =>
  open(
    net.createServer((socket) => void socket.once('data', () => answer(socket))),
    'http',
  );

/** A port on which nothing listens. */
export async function deadUrl(): Promise<string> {
  const server = await serve(() => {});
  await server.close();
  return server.url;
}
