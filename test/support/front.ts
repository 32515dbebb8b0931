import http from 'node:http';
import { type Loopback, serve } from './loopback.ts';

type Passed = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
};

/**
 * What stands before a server in a cluster: it hands each request to the next replica that can be reached, and answers
 * 503 where there is none; 502 where one died in the middle, for who knows whether that one acted.
 */
export async function startFront(backends: () => readonly string[]): Promise<Loopback> {
  const agent = new http.Agent({ keepAlive: true });
  let turn = 0;
  const front = await serve(async (request, response) => {
    const body = await bytesOf(request);
    const all = backends();
    turn += 1;
    for (let tries = 0; tries < all.length; tries += 1) {
      const url = `${all[(turn + tries) % all.length]}${request.url}`;
      const passed = await pass(url, request, body, agent);
      if (passed === 'refused' || (passed === 'cut' && request.method === 'GET')) continue;
      if (passed === 'cut') return say(response, 502);
      response.writeHead(passed.status, passed.headers).end(passed.body);
      return;
    }
    say(response, 503);
  });
  return {
    ...front,
    async close() {
      agent.destroy();
      await front.close();
    },
  };
}

/** The whole answer: half of one is none. */
function pass(
  url: string,
  { method, headers }: http.IncomingMessage,
  body: Buffer,
  agent: http.Agent,
): Promise<Passed | 'refused' | 'cut'> {
  const { 'transfer-encoding': _, ...kept } = headers;
  const length = { 'content-length': String(body.length) };
  return new Promise((resolve) => {
    const passed = http.request(url, { method, agent, headers: { ...kept, ...length } });
    passed.on('response', (answer) => {
      // What concerns one connection is not passed on.
      const { connection: _, 'keep-alive': __, ...headers } = answer.headers;
      const { statusCode: status = 0 } = answer;
      bytesOf(answer).then(
        (body) => resolve({ status, headers, body }),
        () => resolve('cut'),
      );
    });
    passed.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ECONNREFUSED' ? 'refused' : 'cut'),
    );
    passed.end(body);
  });
}

async function bytesOf(message: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  return Buffer.concat(parts);
}

/** As a proxy says it, and not in JSON. */
function say(response: http.ServerResponse, status: number): void {
  const text = `<html><body><h1>${status}</h1></body></html>`;
  response.writeHead(status, { 'content-type': 'text/html' }).end(text);
}
