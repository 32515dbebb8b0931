import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../src/errors.ts';
import type { Download } from '../../src/http/http.ts';
import { selfSigned } from '../support/certificate.ts';
import { client, token } from '../support/http-client.ts';
import { type Loopback, serve, serveTls } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';

const MiB = 1024 * 1024;
const piece = Buffer.alloc(MiB, 'x');

const textOf: Download<string>['take'] = async (body) => {
  const pieces: Uint8Array[] = [];
  for await (const part of body) pieces.push(part);
  return Buffer.concat(pieces).toString();
};

const wish = <T>(url: string, changes: Partial<Download<T>> = {}): Download<T> => ({
  url,
  headers: { authorization: `Bearer ${token}`, 'private-token': token, accept: 'application/gzip' },
  most: 64 * MiB,
  take: textOf as unknown as Download<T>['take'],
  signal: new AbortController().signal,
  ...changes,
});

const failsWith = (server: Loopback, path = '/a'): Promise<RemoteError> => {
  const { http, end } = client({ timeoutMs: 150 });
  return rejectionOf<RemoteError>(http.download(wish(server.url + path))).finally(() =>
    end(server),
  );
};

const downloading = suite('createHttp: downloads');

setFlagsFromString('--expose_gc');
const collect: () => void = runInNewContext('gc');
/** Bytes outside the heap that somebody holds. */
function heldNow(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

downloading('hands over a body as it comes, and no more than a part of it at a time', async () => {
  const count = 200;
  const server = await serve(async (_, response) => {
    for (let sent = 0; sent < count && !response.destroyed; sent += 1) {
      if (!response.write(piece)) await new Promise((go) => response.once('drain', go));
    }
    response.end();
  });
  const { http, end } = client();
  const hash = createHash('sha256');
  let bytes = 0;
  let peak = 0;
  // Of the whole process, in which others have been before.
  const before = heldNow();
  await http.download({
    ...wish(server.url),
    most: 256 * MiB,
    async take(body) {
      for await (const part of body) {
        hash.update(part);
        bytes += part.length;
        const isTenth =
          Math.floor(bytes / (20 * MiB)) > Math.floor((bytes - part.length) / (20 * MiB));
        if (isTenth) peak = Math.max(peak, heldNow() - before);
      }
    },
  });
  assert.is(bytes, count * MiB);
  const whole = createHash('sha256');
  for (let each = 0; each < count; each += 1) whole.update(piece);
  assert.is(hash.digest('hex'), whole.digest('hex'));
  assert.ok(peak > 0 && peak < 100 * MiB, `${peak} bytes were held at once`);
  await end(server);
});

downloading('keeps the credential within one host', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/new') response.end('here');
    else response.writeHead(301, { location: '/new' }).end('moved');
  });
  const { http, end } = client();
  assert.is(await http.download(wish(`${server.url}/old`)), 'here');
  assert.is(server.seen[1]?.headers.authorization, `Bearer ${token}`);
  await end(server);
});

for (const code of [301, 302, 303, 307, 308]) {
  downloading(`follows a ${code} to another host, which hears of no credential`, async () => {
    const other = await serve((_, response) => response.end('the archive'));
    const server = await serve((_, response) => {
      response.writeHead(code, { location: `${other.url}/x?token=signed` }).end();
    });
    const { http, end, notes } = client();
    assert.is(await http.download(wish(server.url)), 'the archive');
    const [seen] = other.seen;
    assert.is(seen?.url, '/x?token=signed');
    assert.is(seen?.headers.accept, 'application/gzip');
    assert.not.match(JSON.stringify(seen?.rawHeaders), token);
    assert.not.match(notes.lines.join('\n'), /signed/);
    await end(server, other);
  });
}

downloading(
  'gives a credential that was dropped to nobody later on, its own host included',
  async () => {
    let home = '';
    const other = await serve((_, response) => {
      response.writeHead(302, { location: `${home}/back` }).end();
    });
    const server = await serve((request, response) => {
      if (request.url === '/back') response.end('back');
      else response.writeHead(302, { location: other.url }).end();
    });
    home = server.url;
    const { http, end } = client();
    assert.is(await http.download(wish(server.url)), 'back');
    assert.is(server.seen[1]?.headers.authorization, undefined);
    await end(server, other);
  },
);

downloading('goes from TLS to nothing less', async () => {
  const { key, cert } = selfSigned();
  const plain = await serve((_, response) => response.end('plain'));
  const server = await serveTls({ key, cert }, (_, response) => {
    response.writeHead(302, { location: plain.url }).end();
  });
  const { http, end } = client({ caCert: cert });
  const error = await rejectionOf<RemoteError>(http.download(wish(server.url)));
  assert.match(error.message, `it redirects to ${plain.url}, which is not safe`);
  assert.is(plain.seen.length, 0);
  await end(server, plain);
});

downloading('refuses to go off the web, and in circles', async () => {
  for (const [location, why] of [
    ['file:///etc/passwd', 'it redirects to nowhere'],
    ['http://[', 'it redirects to nowhere'],
    ['/a', 'it redirects in circles'],
  ] as const) {
    const server = await serve((_, response) => response.writeHead(302, { location }).end());
    const error = await failsWith(server);
    assert.match(error.message, why);
    assert.is(error.kind, 'refused');
  }
});

type Break = (response: ServerResponse) => void;
const breaks: Readonly<Record<string, Break>> = {
  'a connection that is cut': (response) => void response.socket?.destroy(),
  'a body that breaks off': (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  },
  'a chunked body that breaks off': (response) => {
    response.write('half', () => response.destroy());
  },
  'a body that stops coming': (response) => void response.write('half'),
  'an answer that never comes': () => {},
  'a 503': (response) => void response.writeHead(503).end('{"message":"busy"}'),
};
for (const [what, breakOff] of Object.entries(breaks)) {
  downloading(`begins anew after ${what}`, async () => {
    let count = 0;
    const server = await serve((_, response) => {
      count += 1;
      if (count < 3) breakOff(response);
      else response.end('whole');
    });
    const { http, end, pauses } = client({ timeoutMs: 150 });
    let takes = 0;
    const text = await http.download({
      ...wish<string>(server.url),
      take: (body, answer) => {
        takes += 1;
        return textOf(body, answer);
      },
    });
    assert.is(text, 'whole');
    assert.is(pauses.length, 2);
    assert.ok(takes === 1 || takes === 3, 'each body is taken from its first byte');
    await end(server);
  });

  downloading(`gives up after ${what} that comes again and again`, async () => {
    const server = await serve((_, response) => breakOff(response));
    const error = await failsWith(server);
    assert.ok(error instanceof RemoteError);
    assert.is(error.kind, 'unavailable');
    assert.match(error.message, /^GET 127\.0\.0\.1:\d+\/a failed: /);
    assert.is(server.seen.length, 5);
  });
}

downloading('tells a refusal with what the service says, once, and without the token', async () => {
  const server = await serve((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: `404 Project Not Found for ${token}` }));
  });
  const error = await failsWith(server);
  assert.match(error.message, /answered 404: 404 Project Not Found for \*\*\*$/);
  assert.is(error.status, 404);
  assert.is(server.seen.length, 1);
});

downloading('says in bytes how little it may take', async () => {
  const server = await serve((_, response) => {
    response.on('error', () => {});
    response.end('more than that');
  });
  const { http, end } = client();
  const error = await rejectionOf(http.download(wish(server.url, { most: 5 })));
  assert.match(error.message, /the answer is larger than 5 bytes/);
  await end(server);
});

downloading('takes no more than it may, whatever the service says of its length', async () => {
  const server = await serve((_, response) => {
    response.on('error', () => {});
    for (let sent = 0; sent < 5; sent += 1) response.write(piece);
    response.end();
  });
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(http.download(wish(server.url, { most: 2 * MiB })));
  assert.match(error.message, /the answer is larger than 2 MiB/);
  assert.is(server.seen.length, 1);
  await end(server);
});

downloading('ends at once with what the reader throws, and hangs up', async () => {
  let gone: Promise<unknown> = Promise.resolve();
  const server = await serve((_, response) => {
    gone = new Promise((resolve) => response.once('close', resolve));
    response.write('x');
  });
  const { http, end } = client();
  const take = async (body: AsyncIterable<Uint8Array>): Promise<never> => {
    for await (const _ of body) throw new Error('not an archive');
    throw new Error('no body');
  };
  const error = await rejectionOf(http.download(wish(server.url, { take })));
  assert.is(error.message, 'not an archive');
  // Servers on loopback keep no process alive.
  const alive = setInterval(() => {}, 1000);
  await gone;
  clearInterval(alive);
  assert.is(server.seen.length, 1);
  await end(server);
});

downloading('stops at once when it is told to, in the middle of a body', async () => {
  const stop = new AbortController();
  const server = await serve((_, response) => {
    response.write('x', () => stop.abort({ kind: 'signal', name: 'SIGTERM' }));
  });
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(
    http.download(wish(server.url, { signal: stop.signal })),
  );
  assert.match(error.message, /it was interrupted/);
  assert.is(server.seen.length, 1);
  await end(server);
});

downloading('waits as a forge asks that limits the rate', async () => {
  let count = 0;
  const server = await serve((_, response) => {
    count += 1;
    if (count === 1) response.writeHead(429, { 'retry-after': '7' }).end();
    else response.end('now');
  });
  const { http, end, pauses } = client();
  assert.is(await http.download(wish(server.url)), 'now');
  assert.equal(pauses, [7000]);
  await end(server);
});

downloading.run();
