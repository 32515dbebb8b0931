import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from './faults.ts';

/** An answer in bytes. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

export type Listener = { readonly port: number; close(): Promise<void> };

export async function listen(
  host: string,
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void>,
): Promise<Listener> {
  const server: Server = createServer((request, response) => {
    readBody(request)
      .then((body) => handle(request, response, body))
      .catch(() => response.destroy()); // a caller that went away in the middle
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections(); // hanging answers would hold it open
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends the answer as far as the fault lets it come. */
export async function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  fault: Fault | undefined,
): Promise<void> {
  if (fault === 'hang' || fault === 'hang-after') return;
  if (fault === 'reset' || fault === 'reset-after') {
    response.socket?.resetAndDestroy();
    return;
  }
  const bytes = Buffer.from(body);
  const empty = status === 204 || status === 304;
  response.writeHead(status, {
    ...headers,
    ...(empty ? {} : { 'content-length': String(bytes.length) }),
  });
  if (fault === 'half-body') return breakOff(response, bytes);
  if (typeof fault === 'object' && 'slowBodyMs' in fault) await dribble(response, bytes, fault);
  else response.end(bytes);
}

function breakOff(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
      response.destroy();
      resolve();
    });
  });
}

const PIECES = 10;

async function dribble(
  response: ServerResponse,
  bytes: Buffer,
  { slowBodyMs }: { readonly slowBodyMs: number },
): Promise<void> {
  const step = Math.max(1, Math.ceil(bytes.length / PIECES));
  for (let from = 0; from < bytes.length && !response.destroyed; from += step) {
    response.write(bytes.subarray(from, from + step));
    await new Promise((resolve) => setTimeout(resolve, slowBodyMs / PIECES));
  }
  response.end();
}
