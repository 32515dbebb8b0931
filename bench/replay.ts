import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Exchanged = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answer: string;
};

/** Stands in front of a server and writes down what passes. */
export async function recorder(behind: string) {
  const exchanges: Exchanged[] = [];
  const server = http.createServer(async (request, response) => {
    const { method = '', url: path = '' } = request;
    const body = await textOf(request);
    const headers = told(request.headers, [
      'authorization',
      'accept',
      'content-type',
      'user-agent',
    ]);
    const answered = await fetch(behind + path, { method, headers, ...(body ? { body } : {}) });
    const answer = await answered.text();
    const answerHeaders = told(Object.fromEntries(answered.headers), [
      'content-type',
      'etag',
      'date',
    ]);
    const { status } = answered;
    exchanges.push({ method, path, headers, body, status, answerHeaders, answer });
    response.writeHead(status, answerHeaders).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, exchanges, close: () => server.close() };
}

const told = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])),
  );

async function textOf(stream: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

/** Answers as it was recorded, in that order, over and over; another request is a fault of the bench. */
function replay(exchanges: readonly Exchanged[]): void {
  let next = 0;
  const server = http.createServer(async (request, response) => {
    await textOf(request);
    const turn = exchanges[next % exchanges.length] as Exchanged;
    const place = (path = ''): string => path.split('?')[0] ?? '';
    if (request.method !== turn.method || place(request.url) !== place(turn.path)) {
      response.writeHead(599).end(`expected ${turn.method} ${turn.path}, exchange ${next}`);
      return;
    }
    next += 1;
    response.writeHead(turn.status, turn.answerHeaders).end(turn.answer);
  });
  server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
    console.log((server.address() as AddressInfo).port);
  });
}

if (import.meta.main) replay(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
