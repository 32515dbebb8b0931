import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../src/clock.ts';
import type { RemoteError } from '../../src/errors.ts';
import type { Call, Http, Message } from '../../src/http/http.ts';
import { selfSigned } from '../support/certificate.ts';
import { client as fast, token } from '../support/http-client.ts';
import { deadUrl, type Loopback, serve, serveRaw, serveTls } from '../support/loopback.ts';
import { startProxy } from '../support/proxy.ts';
import { rejectionOf } from '../support/rejection.ts';

const sockets = suite('http: sockets');
const bodies = suite('http: bodies and patience');

/** Signs of life are sent at intervals, so time has to pass. */
const client: typeof fast = (options) => fast({ clock: systemClock, retryBaseMs: 20, ...options });

const call = (url: string, signal = new AbortController().signal): Call => ({
  url: `${url}/logs?key=${token}`,
  headers: { authorization: `Bearer ${token}` },
  signal,
});

/** A server whose sockets do as `act` says; `upgrade` is told of each handshake. */
async function talk(act: (ws: WebSocket) => void, server?: Loopback): Promise<Loopback> {
  const wss = new WebSocketServer({ noServer: true, autoPong: false });
  const loopback = server ?? (await serve((_, response) => void response.writeHead(404).end()));
  loopback.onUpgrade((request, socket, head) =>
    wss.handleUpgrade(request, socket, head, (ws) => act(ws)),
  );
  return loopback;
}

async function hear(http: Http, asked: Call): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of await http.socket(asked)) all.push(message);
  return all;
}
const said = (messages: readonly Message[]): string =>
  messages.map(({ isText, bytes }) => `${isText ? 't' : 'b'}:${Buffer.from(bytes)}`).join(' ');

sockets('gives whole messages in their order, to a good end', async () => {
  const server = await talk((ws) => {
    ws.send('one');
    ws.send(Buffer.alloc(0));
    ws.send('two', () => ws.close(1000));
  });
  const { http, end } = client();
  assert.is(said(await hear(http, call(server.url))), 't:one b: t:two');
  await end(server);
});

sockets('sends what it is told to, under its own name', async () => {
  const heard: string[] = [];
  const server = await talk((ws) => {
    ws.on('message', (data, isBinary) => {
      heard.push(`${isBinary} ${data}`);
      if (heard.length === 2) ws.close(1001);
    });
  });
  const { http, end } = client();
  const socket = await http.socket(call(server.url));
  socket.send({ isText: true, bytes: Buffer.from('hello') });
  socket.send({ isText: false, bytes: Buffer.alloc(0) });
  for await (const _ of socket);
  assert.equal(heard, ['false hello', 'true ']);
  const { headers } = server.upgrades[0] ?? {};
  assert.match(headers?.['user-agent'] ?? '', /^slipway\/\d/);
  assert.is(headers?.upgrade, 'websocket');
  assert.is(headers?.['sec-websocket-extensions'], undefined);
  assert.is(headers?.origin, undefined);
  await end(server);
});

sockets('takes text that is cut within a letter', async () => {
  const [first, second] = [Buffer.from([0x61, 0xc3]), Buffer.from([0xa9, 0x62])];
  const server = await talk((ws) => {
    ws.send(first, { binary: false });
    ws.send(second, { binary: false }, () => ws.close(1000));
  });
  const { http, end } = client();
  const heard = await hear(http, call(server.url));
  assert.is(Buffer.concat(heard.map(({ bytes }) => bytes)).toString(), 'aéb');
  await end(server);
});

sockets('says when the connection is cut', async () => {
  const server = await talk((ws) => ws.send('half', () => ws.terminate()));
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(hear(http, call(server.url)));
  assert.match(error.message, /^GET 127\.0\.0\.1:\d+\/logs failed: the connection was cut$/);
  assert.equal([error.kind, error.unknown], ['unavailable', false]);
  await end(server);
});

sockets('hangs up when the loop is left, and when the signal aborts', async () => {
  let gone = 0;
  const server = await talk((ws) => {
    ws.on('close', () => {
      gone += 1;
    });
    ws.send('first');
  });
  const { http, end } = client();
  for await (const _ of await http.socket(call(server.url))) break;
  const stop = new AbortController();
  const hearing = hear(http, call(server.url, stop.signal));
  while (server.upgrades.length < 2) await pause(5);
  await pause(20);
  stop.abort();
  await hearing;
  while (gone < 2) await pause(5);
  await end(server);
});

sockets('reads no faster than it is listened to', async () => {
  const piece = Buffer.alloc(32 * 1024, 'x');
  let sent = 0;
  const server = await talk(async (ws) => {
    while (sent < 4000 && ws.readyState === ws.OPEN) {
      await new Promise<void>((resolve) => ws.send(piece, () => resolve()));
      sent += 1;
    }
    ws.close(1000);
  });
  const { http, end } = client();
  const socket = await http.socket(call(server.url));
  await pause(300);
  // What the kernel and the two ends hold: far below the 125 MiB that were on offer.
  assert.ok(sent < 1000, `${sent} were taken unheard`);
  let heard = 0;
  for await (const _ of socket) heard += 1;
  assert.is(heard, 4000);
  await end(server);
});

sockets('asks for signs of life, and needs no answer', async () => {
  let pings = 0;
  const server = await talk((ws) => {
    ws.on('ping', () => {
      pings += 1;
      if (pings === 3) ws.close(1000);
    });
  });
  const { http, end } = client({
    clock: { now: Date.now, pause: async () => pause(5) },
  });
  assert.equal(await hear(http, call(server.url)), []);
  await end(server);
});

for (const [title, answer, kind, text] of [
  [
    'no such page',
    'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n',
    'refused',
    /answered 404$/,
  ],
  [
    'a credential that is not taken',
    'HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{"error":"no!!"}',
    'credentials',
    /answered 401: no!!$/,
  ],
  ['no HTTP at all', 'SSH-2.0\r\n\r\n', 'unavailable', /the answer is not HTTP/],
] as const) {
  sockets(`says that it was answered by ${title}`, async () => {
    const server = await serveRaw((socket) => socket.end(answer));
    const { http, notes, end } = client();
    const error = await rejectionOf<RemoteError>(http.socket(call(server.url)));
    assert.is(error.kind, kind);
    assert.match(error.message, text);
    assert.not.match(JSON.stringify([error, notes.lines]), token);
    await end(server);
  });
}

sockets('says that nobody listens, and that nobody answers', async () => {
  const { http, end } = client({ timeoutMs: 200 });
  const dead = await rejectionOf<RemoteError>(http.socket(call(await deadUrl())));
  assert.match(dead.message, /the connection was refused$/);
  const server = await serveRaw(() => {});
  const silent = await rejectionOf<RemoteError>(http.socket(call(server.url)));
  assert.match(silent.message, /failed: /);
  assert.is(silent.kind, 'unavailable');
  await end(server);
});

sockets('goes through the proxy, with a trust of its own', async () => {
  const certificate = selfSigned();
  const server = await talk(
    (ws) => ws.send('secure', () => ws.close(1000)),
    await serveTls(certificate, (_, response) => void response.end('ok')),
  );
  const proxy = await startProxy();
  const { http, end } = client({ proxyEnv: { HTTPS_PROXY: proxy.url } });
  const distrust = await rejectionOf<RemoteError>(http.socket(call(server.url)));
  assert.match(distrust.message, /the TLS connection failed .* ca_cert$/);
  for (const trust of [
    { caCert: certificate.cert, skipVerify: false },
    { caCert: undefined, skipVerify: true },
  ]) {
    const trusting = http.trusting(trust);
    assert.is(said(await hear(trusting, call(server.url))), 't:secure');
    const { body } = await trusting.request({ ...call(server.url), method: 'GET' });
    assert.is(body, 'ok');
  }
  assert.is(proxy.asked.length, 5);
  assert.not.match(JSON.stringify(proxy.heads), token);
  await end(server);
  await proxy.close();
});

bodies('sends a stream with its length, opened anew for each try', async () => {
  const heard: string[] = [];
  const server = await serve(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    heard.push(`${request.headers['content-length']} ${text.length}`);
    response.writeHead(heard.length < 3 ? 503 : 200).end();
  });
  const { http, end } = client();
  let opened = 0;
  const body = {
    bytes: 300_000,
    open: () => {
      opened += 1;
      return Readable.from([Buffer.alloc(100_000), Buffer.alloc(200_000)]);
    },
  };
  await http.request({ ...call(server.url), method: 'POST', body, repeat: 'safe' });
  assert.equal(heard, Array(3).fill('300000 300000'));
  assert.is(opened, 3);
  await end(server);
});

for (const isSecure of [false, true]) {
  const over = isSecure ? 'TLS' : 'plain TCP';
  bodies(`is done with a piece when it asks for the next one, over ${over}`, async () => {
    const counts: number[] = [];
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      for await (const part of request) {
        for (const byte of part as Buffer) counts[byte] = (counts[byte] ?? 0) + 1;
        // Slower than what is sent, so that everything on the way is full.
        await pause(1);
      }
      response.end();
    };
    const certificate = selfSigned();
    const server = await (isSecure ? serveTls(certificate, take) : serve(take));
    const { http, end } = client({ caCert: certificate.cert });
    const pieces = 100;
    const memory = Buffer.alloc(256 * 1024);
    const body = {
      bytes: pieces * memory.length,
      async *open() {
        for (let piece = 0; piece < pieces; piece += 1) yield memory.fill(piece);
        memory.fill(255);
      },
    };
    await http.request({ ...call(server.url), method: 'POST', body, repeat: 'safe' });
    assert.equal(counts, Array(pieces).fill(memory.length));
    await end(server);
  });
}

bodies('leaves no stream open when the service says no at once', async () => {
  const server = await serve((_, response) => {
    response.writeHead(401, { connection: 'close' }).end();
  });
  const { http, end } = client();
  let isOpen = false;
  const body = {
    bytes: 50_000_000,
    async *open() {
      isOpen = true;
      try {
        for (;;) yield Buffer.alloc(100_000);
      } finally {
        isOpen = false;
      }
    },
  };
  const asked = http.request({ ...call(server.url), method: 'POST', body });
  const error = await rejectionOf<RemoteError>(asked);
  assert.is(error.kind, 'credentials');
  await pause(0);
  assert.not(isOpen);
  await end(server);
});

bodies('waits for an answer longer than http_timeout, where it is told to', async () => {
  const server = await serve((_, response) => void setTimeout(() => response.end('late'), 400));
  const { http, end } = client({ timeoutMs: 100 });
  const post = { ...call(server.url), method: 'POST' } as const;
  const { body } = await http.request({ ...post, silenceMs: 5000 });
  assert.is(body, 'late');
  const error = await rejectionOf<RemoteError>(http.request(post));
  assert.equal([error.kind, error.unknown], ['unavailable', true]);
  const silent = await rejectionOf<RemoteError>(http.request({ ...post, silenceMs: 150 }));
  assert.match(silent.message, /there was no answer in time$/);
  assert.is(silent.unknown, true);
  await end(server);
});

sockets.run();
bodies.run();
