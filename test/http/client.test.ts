import { spawn } from 'node:child_process';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { type Call, client, token } from '../support/http-client.ts';
import { deadUrl, serve, serveRaw } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';

const answering = suite('createHttp: answers');

answering('hands out status, headers, body and address', async () => {
  const server = await serve((_, response) => response.setHeader('X-Request-Id', '7').end('hi'));
  const { http, end } = client();
  const answer = await http.request(get(`${server.url}/a?b=c`));
  assert.is(answer.status, 200);
  assert.is(answer.headers['x-request-id'], '7');
  assert.is(answer.body, 'hi');
  assert.is(answer.url, `${server.url}/a?b=c`);
  await end(server);
});

answering('sends method, headers, body and who it is', async () => {
  let body = '';
  const server = await serve((request, response) => {
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => response.writeHead(201).end());
  });
  const { http, end } = client();
  const call = { ...post(server.url), headers: { 'x-a': 'b' }, body: '{"a":"ä"}' };
  assert.is((await http.request(call)).status, 201);
  const [request] = server.seen;
  assert.is(request?.method, 'POST');
  assert.is(request?.headers['x-a'], 'b');
  assert.match(request?.headers['user-agent'] ?? '', /^slipway\/\d/);
  assert.is(body, '{"a":"ä"}');
  await end(server);
});

answering('takes the statuses that the caller calls answers', async () => {
  const server = await serve((_, response) => response.writeHead(404).end('{"message":"no"}'));
  const { http, end } = client();
  const answer = await http.request({ ...get(server.url), accept: (status) => status === 404 });
  assert.is(answer.status, 404);
  await end(server);
});

answering('takes 304 as an answer', async () => {
  const server = await serve((_, response) => response.writeHead(304).end());
  const { http, end } = client();
  assert.is((await http.request(get(server.url))).status, 304);
  await end(server);
});

answering('uses one connection for one host', async () => {
  const server = await serve((_, response) => response.end('ok'));
  const { http, end } = client();
  for (let n = 0; n < 5; n += 1) await http.request(get(server.url));
  assert.is(server.connections(), 1);
  await end(server);
});

answering('asks nobody again once it is closed', async () => {
  const server = await serve(() => {});
  const { http, pauses, end } = client();
  const asking = rejectionOf(http.request(get(server.url)));
  while (server.seen.length === 0) await new Promise(setImmediate);
  http.close();
  assert.match((await asking).message, /the connection was cut/);
  assert.is(server.seen.length, 1);
  assert.equal(pauses, []);
  await end(server);
});

answering('lets the process end when it is closed', async () => {
  const server = await serve((_, response) => {
    response.setHeader('keep-alive', 'timeout=60').end('ok');
  });
  const script = `
    import { createHttp } from './src/http/client.ts';
    import { systemClock } from './src/clock.ts';
    const http = createHttp({ proxyEnv: {}, skipVerify: false, timeoutMs: 5000, clock: systemClock,
      log: { debug() {}, trace() {} } });
    const signal = new AbortController().signal;
    await http.request({ method: 'GET', url: process.argv[1], signal });
    http.close();
    const busy = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket'));
    setTimeout(() => { throw new Error('still alive: ' + busy); }, 3000).unref();`;
  const child = await run(['--input-type=module', '-e', script, server.url]);
  assert.equal(child, { status: 0, stderr: '' });
  await server.close();
});
answering.run();

const failing = suite('createHttp: failures');

type Row = readonly [
  title: string,
  server: () => ReturnType<typeof serve>,
  said: RegExp,
  kind: RemoteError['kind'],
];
const bomb = gzipSync(Buffer.alloc(16 << 20));
const half = 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf';
const rows: readonly Row[] = [
  [
    'a reset',
    () => serveRaw((socket) => socket.resetAndDestroy()),
    /the connection was cut$/,
    'unavailable',
  ],
  ['an end without an answer', () => serveRaw((socket) => socket.end()), /cut$/, 'unavailable'],
  ['half a body', () => serveRaw((socket) => socket.end(half)), /half-way$/, 'unavailable'],
  [
    'half a chunked body',
    () =>
      serveRaw((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf'),
      ),
    /the connection was cut$/,
    'unavailable',
  ],
  ['a hang', () => serveRaw(() => {}), /there was no answer in time$/, 'unavailable'],
  [
    'an answer that is not HTTP',
    () => serveRaw((socket) => socket.end('220 mail.example.com\r\n\r\n')),
    /the answer is not HTTP \(HPE_\w+\)$/,
    'unavailable',
  ],
  ['a 401', () => serve((_, r) => r.writeHead(401).end()), /answered 401$/, 'credentials'],
  ['a 403', () => serve((_, r) => r.writeHead(403).end()), /answered 403$/, 'permission'],
  ['a 404', () => serve((_, r) => r.writeHead(404).end()), /answered 404$/, 'refused'],
  ['a 429', () => serve((_, r) => r.writeHead(429).end()), /answered 429$/, 'unavailable'],
  [
    'a 500 with a reason',
    () => serve((_, r) => r.writeHead(500).end('{"message":"out of\\ndisk"}')),
    /answered 500: out of disk$/,
    'unavailable',
  ],
  [
    'a 502 with a page',
    () => serve((_, r) => r.writeHead(502).end('<html>oh')),
    /answered 502$/,
    'unavailable',
  ],
  [
    'too large an answer',
    () => serve((_, r) => r.end(Buffer.alloc(9 << 20))),
    /larger than 8 MiB$/,
    'refused',
  ],
  [
    'an answer that unpacks to too much',
    () => serve((_, r) => r.setHeader('content-encoding', 'gzip').end(bomb)),
    /larger than 8 MiB$/,
    'refused',
  ],
];
for (const [title, server, said, kind] of rows) {
  failing(`names ${title}, and hides what was sent`, async () => {
    const remote = await server();
    const { http, notes, end } = client({ timeoutMs: 1000 });
    const call = {
      ...post(`${remote.url}/v1/x?key=${token}`),
      headers: { authorization: `Bearer ${token}` },
      body: `{"secret":"${token}"}`,
    };
    const error = await rejectionOf<RemoteError>(http.request(call));
    assert.ok(error.message.startsWith(`POST ${remote.host}/v1/x failed: `), error.message);
    assert.match(error.message, said);
    assert.is(error.kind, kind);
    assert.not.match(everything(error, notes.lines), token);
    await end(remote);
  });
}

failing('blots out a credential that the service quotes', async () => {
  const server = await serve((request, response) => {
    const { authorization } = request.headers;
    response.writeHead(401).end(JSON.stringify({ error: `no such token: ${authorization}` }));
  });
  const { http, end } = client();
  const call = { ...get(server.url), headers: { authorization: `Bearer ${token}` } };
  const error = await rejectionOf(http.request(call));
  assert.match(error.message, /answered 401: no such token: \*\*\*$/);
  assert.not.match(everything(error, []), token);
  await end(server);
});

failing('blots out the query of any link that the service quotes', async () => {
  const link = 'https://storage.example/object?X-Signature=c0ffee#part';
  const server = await serve((_, response) => {
    response.writeHead(403).end(JSON.stringify({ message: `"${link}" has expired` }));
  });
  const { http, end } = client();
  const error = await rejectionOf(http.request(get(server.url)));
  assert.match(error.message, /403: "https:\/\/storage\.example\/object\?\*\*\*" has expired$/);
  await end(server);
});

failing('hides a path that is the secret', async () => {
  const server = await serve((request, response) => {
    response.writeHead(500).end(JSON.stringify({ message: `cannot ${request.url}` }));
  });
  const { http, notes, end } = client();
  const error = await rejectionOf(
    http.request({ ...post(`${server.url}/hooks/${token}`), secretPath: true }),
  );
  assert.match(error.message, `POST ${server.host}/… failed: the service answered 500: cannot ***`);
  assert.not.match(everything(error, notes.lines), token);
  await end(server);
});

failing('names a header that HTTP cannot carry, without its value', async () => {
  const { http, notes, end } = client();
  const call = { ...post(await deadUrl()), headers: { authorization: `Bearer ${token}\n` } };
  const error = await rejectionOf<RemoteError>(http.request(call));
  assert.match(error.message, /a header holds a character that HTTP does not allow$/);
  assert.is(error.unknown, false);
  assert.not.match(everything(error, notes.lines), token);
  await end();
});

failing('names a host that is not known', async () => {
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(http.request(get('http://nowhere.invalid/')));
  assert.match(error.message, /^GET nowhere\.invalid\/ failed: the host (is not known|could not)/);
  await end();
});

failing('keeps what the remote said for whoever knows its dialect', async () => {
  const server = await serve((_, r) => r.writeHead(422, { 'x-a': 'b' }).end('{"errors":[1]}'));
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(http.request(get(server.url)));
  assert.is(error.answer?.body, '{"errors":[1]}');
  assert.is(error.answer?.headers['x-a'], 'b');
  assert.is(error.status, 422);
  await end(server);
});

failing(
  'stops at once when the signal aborts, and says that the outcome is not known',
  async () => {
    const server = await serve(() => stop.abort({ kind: 'signal', name: 'SIGTERM' }));
    const stop = new AbortController();
    const { http, end } = client({ timeoutMs: 60_000 });
    const call = { ...post(server.url), repeat: 'safe', signal: stop.signal } as const;
    const error = await rejectionOf<RemoteError>(http.request(call));
    assert.match(error.message, /it was interrupted$/);
    assert.is(error.unknown, true);
    assert.is(server.seen.length, 1);
    await end(server);
  },
);

failing('sends nothing once the signal has aborted', async () => {
  const server = await serve((_, response) => response.end());
  const { http, end } = client();
  const call = { ...post(server.url), signal: AbortSignal.abort() };
  const error = await rejectionOf<RemoteError>(http.request(call));
  assert.is(error.unknown, false);
  assert.is(server.seen.length, 0);
  await end(server);
});
failing.run();

const signal = new AbortController().signal;
const get = (url: string): Call => ({ method: 'GET', url, signal });
const post = (url: string): Call => ({ method: 'POST', url, signal, body: '{}' });

/** Every form in which an error is written down. */
const everything = (error: Error, lines: readonly string[]): string =>
  [inspect(error, { depth: 9 }), JSON.stringify(error), error.stack, String(error), ...lines].join(
    '\n',
  );

const run = async (args: readonly string[]): Promise<{ status: number; stderr: string }> => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (part) => {
    stderr += part;
  });
  const status = await new Promise<number>((resolve) =>
    child.on('exit', (code, name) => resolve(name ? -1 : (code ?? -1))),
  );
  return { status, stderr };
};
