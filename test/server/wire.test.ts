import net, { type AddressInfo, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { manualClock } from '../support/manual-clock.ts';
import { openStage, type Stage, sha, staged, tokens } from './stage.ts';

/* Bytes on real sockets, where it matters how they come. */
const wire = suite('the wire');

const listening = (run: (stage: Stage, port: number) => Promise<void>) =>
  staged(async (stage) => {
    await stage.app.listen({ port: 0, host: '127.0.0.1' });
    await run(stage, (stage.app.server.address() as AddressInfo).port);
  });

type Line = {
  readonly socket: Socket;
  /** All that came, once it fits. */
  until(pattern: RegExp): Promise<string>;
  readonly closed: Promise<void>;
};

async function dial(port: number): Promise<Line> {
  const socket = net.connect(port, '127.0.0.1');
  let text = '';
  const listeners = new Set<() => void>();
  socket.setEncoding('latin1').on('data', (data) => {
    text += data;
    for (const listen of listeners) listen();
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('close', resolve).on('error', () => {});
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return {
    socket,
    closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const listen = (): void => {
          if (!pattern.test(text)) return;
          listeners.delete(listen);
          resolve(text);
          text = '';
        };
        listeners.add(listen);
        setTimeout(() => reject(new Error(`only ${text} came`)), 20_000).unref();
        void closed.then(() =>
          pattern.test(text) ? listen() : reject(new Error(`closed after ${text}`)),
        );
        listen();
      }),
  };
}

const head = (method: string, path: string, ...headers: readonly string[]): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: deploys.example.com',
    `Authorization: Bearer ${tokens.spinnaker}`,
    'Accept: text/plain, application/json, application/cbor, application/*+json, */*',
    ...headers,
    '',
    '',
  ].join('\r\n');
const whole = /\r\n\r\n\{.*\}$/s;

const said = `{"deployment":"hello-production","commit":"${sha}","description":"für Übermorgen"}`;

for (const [what, type, encoding, charset] of [
  ['text/plain in ISO-8859-1', 'text/plain;charset=ISO-8859-1', 'latin1', true],
  ['JSON in UTF-8', 'application/json', 'utf8', true],
  ['no content type', undefined, 'utf8', true],
  ['a broken content type', ';;', 'utf8', true],
] as const) {
  wire(
    `reads ${what}, with a length and in chunks`,
    listening(async (stage, port) => {
      const { socket, until } = await dial(port);
      const body = Buffer.from(said, encoding);
      const headers = type === undefined ? [] : [`Content-Type: ${type}`];
      socket.write(head('POST', '/v1/runs', ...headers, `Content-Length: ${body.length}`));
      socket.write(body);
      const first = await until(whole);
      assert.match(first, /^HTTP\/1\.1 202 /);
      assert.match(first, /\r\ncontent-type: application\/json\r\n/);
      socket.write(head('POST', '/v1/runs', ...headers, 'Transfer-Encoding: chunked'));
      for (const byte of [body.subarray(0, 60), body.subarray(60, 90), body.subarray(90)]) {
        socket.write(`${byte.length.toString(16)}\r\n`);
        socket.write(byte);
        socket.write('\r\n');
      }
      socket.write('0\r\n\r\n');
      assert.match(await until(whole), /^HTTP\/1\.1 202 /);
      const { runs } = await stage.store.runs.list({});
      assert.ok(charset);
      assert.equal(
        runs.map(({ description }) => description),
        ['für Übermorgen', 'für Übermorgen'],
      );
      socket.destroy();
    }),
  );
}

wire(
  'says what is wrong with bytes that are no UTF-8',
  listening(async (_, port) => {
    const { socket, until } = await dial(port);
    const body = Buffer.from(said, 'latin1');
    const type = 'Content-Type: application/json';
    socket.write(head('POST', '/v1/runs', type, `Content-Length: ${body.length}`));
    socket.write(body);
    const answer = await until(whole);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, '"error":"not_utf8"');
    socket.destroy();
  }),
);

wire(
  'answers a poll with a length of 0 and a content type, on a connection that stays',
  listening(async (stage, port) => {
    const { json } = await stage.call('spinnaker', 'POST', '/v1/runs', {
      body: { deployment: 'hello-production' },
    });
    const { socket, until } = await dial(port);
    for (let at = 0; at < 3; at += 1) {
      socket.write(
        head(
          'GET',
          `/spinnaker/v1/runs/${json.id}`,
          'Content-Type: application/json',
          'Content-Length: 0',
        ),
      );
      assert.match(await until(whole), /^HTTP\/1\.1 200 /);
    }
    socket.write(
      head(
        'POST',
        `/v1/runs/${json.id}/cancel`,
        'Content-Type: application/json',
        'Content-Length: 0',
      ),
    );
    assert.match(await until(whole), '"status":"CANCELED"');
    socket.destroy();
  }),
);

wire(
  'refuses a body over 64 KiB with 413, and goes on with the connection',
  listening(async (stage, port) => {
    const { socket, until } = await dial(port);
    const large = Buffer.alloc(65 * 1024, ' ');
    socket.write(head('POST', '/v1/runs', `Content-Length: ${large.length}`));
    socket.write(large);
    assert.match(await until(whole), /^HTTP\/1\.1 413 .*"error":"too_large"/s);
    socket.write(head('POST', '/spinnaker/v1/runs', 'Transfer-Encoding: chunked'));
    for (let at = 0; at < 66; at += 1) socket.write(`400\r\n${'x'.repeat(1024)}\r\n`);
    socket.write('0\r\n\r\n');
    assert.match(await until(whole), /^HTTP\/1\.1 413 /);
    const exact = said.padEnd(64 * 1024 - 2);
    socket.write(head('POST', '/v1/runs', `Content-Length: ${Buffer.byteLength(exact)}`));
    socket.write(exact);
    assert.match(await until(whole), /^HTTP\/1\.1 202 /);
    for (const [more, status] of [
      ['', 202],
      [' ', 413],
    ] as const) {
      const body = exact + more;
      const size = Buffer.byteLength(body).toString(16);
      socket.write(head('POST', '/v1/runs', 'Transfer-Encoding: chunked'));
      socket.write(`${size}\r\n${body}\r\n0\r\n\r\n`);
      assert.match(await until(whole), new RegExp(`^HTTP/1\\.1 ${status} `));
    }
    assert.is((await stage.store.runs.list({})).runs.length, 2);
    socket.destroy();
  }),
);

wire(
  'says that it takes no compressed body, and goes on with the connection',
  listening(async (_, port) => {
    const { socket, until } = await dial(port);
    for (const path of ['/v1/runs', '/spinnaker/v1/statuses', '/hooks/github', '/v1/runs']) {
      socket.write(head('POST', path, 'Content-Encoding: gzip', 'Content-Length: 2'));
      socket.write('{}');
      const answer = await until(whole);
      assert.match(answer, path.includes('statuses') ? / 403 / : / 400 .*content-encoding/s);
    }
    socket.destroy();
  }),
);

wire(
  'hangs up on a body that has no end',
  listening(async (_, port) => {
    const { socket, until, closed } = await dial(port);
    socket.write(head('POST', '/v1/runs', 'Content-Length: 999999999'));
    const piece = Buffer.alloc(256 * 1024, 'x');
    let sent = 0;
    const pump = (): void => {
      while (!socket.destroyed && socket.writable && sent < 64) {
        sent += 1;
        if (!socket.write(piece)) return void socket.once('drain', pump);
      }
    };
    pump();
    const answer = await until(whole);
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /connection: close/);
    await closed;
  }),
);

wire(
  'takes a run while strangers fill what there is for deliveries',
  listening(async (_, port) => {
    const mebibyte = 1024 * 1024;
    const sizes = [...Array(12).fill(20 * mebibyte), 16 * mebibyte - 40];
    const floods = await Promise.all(sizes.map(() => dial(port)));
    for (const [at, size] of sizes.entries()) {
      const { socket } = floods[at] as Line;
      socket.write(head('POST', '/hooks/github', `Content-Length: ${size + 1}`));
      socket.write(Buffer.alloc(size, 'x'));
    }
    const deliver = async (): Promise<string> => {
      const { socket, until } = await dial(port);
      socket.write(head('POST', '/hooks/github', 'Content-Length: 60'));
      socket.write('x'.repeat(60));
      const answer = await until(whole);
      socket.destroy();
      return answer;
    };
    while (!(await deliver()).includes('Too many large bodies at once')) {
      // Not all has arrived.
    }
    const { socket, until } = await dial(port);
    socket.write(head('POST', '/v1/runs', `Content-Length: ${Buffer.byteLength(said)}`));
    socket.write(said);
    assert.match(await until(whole), /^HTTP\/1\.1 202 /);
    for (const each of floods) each.socket.destroy();
    socket.destroy();
  }),
);

for (const [what, bytes, status, error] of [
  ['what is no HTTP', 'EHLO deploys.example.com\r\n\r\n', 400, 'bad_request'],
  [
    'headers that are too large',
    head('GET', '/healthz', `X: ${'x'.repeat(20_000)}`),
    431,
    'headers_too_large',
  ],
  [
    'two lengths',
    head('POST', '/v1/runs', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
    400,
    'bad_request',
  ],
  ['a broken address', head('GET', '/v1/runs/%zz'), 400, 'bad_request'],
  ['an unknown expectation', head('GET', '/v1/runs/x', 'Expect: tea'), 404, 'not_found'],
  ['a broken method', 'NOPE / HTTP/1.1\r\n\r\n', 400, 'bad_request'],
] as const) {
  wire(
    `answers ${what} with ${status} in JSON`,
    listening(async (_, port) => {
      const { socket, until } = await dial(port);
      socket.write(bytes);
      const answer = await until(/\r\n\r\n/);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(answer, /content-type: application\/json/i);
      assert.match(answer, `"error":"${error}"`);
      socket.destroy();
    }),
  );
}

wire(
  'says nothing of broken bytes in the middle of another answer, or before it',
  listening(async (stage, port) => {
    const { json } = await stage.call('spinnaker', 'POST', '/v1/runs', {
      body: { deployment: 'hello-production' },
    });
    const follow = await dial(port);
    follow.socket.write(head('GET', `/v1/runs/${json.id}/events`));
    await follow.until(/"QUEUED"/);
    follow.socket.write('EHLO deploys.example.com\r\n\r\n');
    let rest = '';
    follow.socket.on('data', (data) => {
      rest += data;
    });
    await follow.closed;
    assert.is(rest, '');
    const create = await dial(port);
    const body = JSON.stringify({ deployment: 'hello-production' });
    create.socket.write(
      `${head('POST', '/v1/runs', `Content-Length: ${body.length}`)}${body}EHLO\r\n`,
    );
    const answer = await create.until(/HTTP/).catch(String);
    assert.not.match(answer, /^HTTP\/1\.1 400/, 'which would be the answer to what was accepted');
    create.socket.destroy();
  }),
);

wire(
  'sends nobody elsewhere, though the address be written whole',
  listening(async (_, port) => {
    for (const at of ['http://evil.example/runs/x', '//evil.example/', 'http://evil.example/?a']) {
      const { socket, until } = await dial(port);
      socket.write(head('GET', at, 'Sec-Fetch-Site: cross-site', 'Connection: close'));
      const answer = await until(/\r\n\r\n/);
      assert.not.match(answer, 'evil.example');
      socket.destroy();
    }
  }),
);

wire('answers a body that does not arrive in time, and never with 408', async () => {
  const clock = manualClock();
  const stage = await openStage({ clock });
  try {
    await stage.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = stage.app.server.address() as AddressInfo;
    const { socket, until, closed } = await dial(port);
    socket.write(head('POST', '/v1/runs', 'Content-Length: 100'));
    socket.write('{');
    while (clock.waiting(30_000) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(30_000);
    const answer = await until(whole);
    assert.match(answer, /^HTTP\/1\.1 400 .*"error":"too_slow"/s);
    await closed;
  } finally {
    await stage.end();
  }
});

wire(
  'keeps connections longer than Orca pauses between polls, and no request for ever',
  staged(async ({ app }) => {
    const { keepAliveTimeout, headersTimeout, requestTimeout, maxConnections } = app.server;
    assert.ok(keepAliveTimeout >= 65_000);
    assert.ok(headersTimeout > keepAliveTimeout);
    assert.ok(requestTimeout >= headersTimeout && requestTimeout <= 120_000);
    assert.ok(maxConnections >= 5000);
  }),
);

wire(
  'answers while 2,000 connections idle and 50 send a byte now and then',
  listening(async (stage, port) => {
    const idle = await Promise.all(Array.from({ length: 2000 }, () => dial(port)));
    const slow = await Promise.all(Array.from({ length: 50 }, () => dial(port)));
    for (const { socket } of slow) socket.write('POST /v1/runs HTTP/1.1\r\nHost: a');
    const { socket, until } = await dial(port);
    const began = Date.now();
    socket.write(head('GET', '/v1/runs'));
    assert.match(await until(whole), /^HTTP\/1\.1 200 /);
    assert.ok(Date.now() - began < 2000);
    assert.is((await stage.call('reader', 'GET', '/v1/runs')).status, 200);
    for (const each of [...idle, ...slow]) each.socket.destroy();
    socket.destroy();
  }),
);

wire('ends its streams when it closes, and answers what is under way', async () => {
  const stage = await openStage();
  await stage.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = stage.app.server.address() as AddressInfo;
  const { json } = await stage.call('spinnaker', 'POST', '/v1/runs', {
    body: { deployment: 'hello-production' },
  });
  const { socket, until, closed } = await dial(port);
  socket.write(head('GET', `/v1/runs/${json.id}/events`));
  await until(/"QUEUED"/);
  const log = await dial(port);
  log.socket.write(head('GET', `/v1/runs/${json.id}/log?follow=1`));
  await log.until(/\r\n\r\n/);
  await stage.end();
  socket.destroy();
  log.socket.destroy();
  await Promise.all([closed, log.closed]);
});

wire.run();
