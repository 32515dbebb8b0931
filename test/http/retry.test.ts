import type { ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RemoteError } from '../../src/errors.ts';
import { retryAfter } from '../../src/http/retry.ts';
import { type Call, client } from '../support/http-client.ts';
import { deadUrl, type Loopback, serve } from '../support/loopback.ts';
import { rejectionOf } from '../support/rejection.ts';

const signal = new AbortController().signal;
const get = (url: string): Call => ({ method: 'GET', url, signal });
const post = (url: string): Call => ({ method: 'POST', url, signal, body: '{}' });

type Act = (response: ServerResponse) => void;
const cut: Act = (response) => response.destroy();
const status =
  (code: number, headers: Record<string, string> = {}): Act =>
  (response) =>
    response.writeHead(code, headers).end('{"message":"not now"}');

/** Acts in turn; the last act stays. */
async function acting(...acts: readonly Act[]): Promise<Loopback> {
  let turn = 0;
  return serve((request, response) => {
    request.resume();
    request.on('end', () => {
      acts[Math.min(turn, acts.length - 1)]?.(response);
      turn += 1;
    });
  });
}

const repeating = suite('createHttp: repeats');

for (const [title, act] of [
  ['a cut connection', cut],
  ['408', status(408)],
  ['429', status(429)],
  ['500', status(500)],
  ['502', status(502)],
  ['503', status(503)],
] as const) {
  repeating(`repeats a read after ${title}`, async () => {
    const server = await acting(act, act, status(200));
    const { http, pauses, end } = client();
    assert.is((await http.request(get(server.url))).status, 200);
    assert.is(server.seen.length, 3);
    assert.is(pauses.length, 2);
    await end(server);
  });

  repeating(`repeats a POST that is safe to repeat after ${title}`, async () => {
    const server = await acting(act, status(200));
    const { http, end } = client();
    await http.request({ ...post(server.url), repeat: 'safe' });
    assert.is(server.seen.length, 2);
    await end(server);
  });

  if (title === '429') continue;
  repeating(`never repeats another POST after ${title}, and says it may have arrived`, async () => {
    const server = await acting(act, status(200));
    const { http, end } = client();
    const error = await rejectionOf<RemoteError>(http.request(post(server.url)));
    assert.is(error.unknown, true);
    assert.is(server.seen.length, 1);
    await end(server);
  });
}

repeating('repeats a POST after 429, which did nothing', async () => {
  const server = await acting(status(429), status(201));
  const { http, end } = client();
  assert.is((await http.request(post(server.url))).status, 201);
  await end(server);
});

repeating('repeats a POST that never left, and says so when it gives up', async () => {
  const { http, pauses, end } = client();
  const error = await rejectionOf<RemoteError>(http.request(post(await deadUrl())));
  assert.match(error.message, /the connection was refused$/);
  assert.is(error.unknown, false);
  assert.is(pauses.length, 5);
  await end();
});

repeating('doubles its pauses, with jitter', async () => {
  const server = await acting(status(503));
  const { http, pauses, end } = client({ retryBaseMs: 100 });
  await rejectionOf(http.request(get(server.url)));
  assert.is(server.seen.length, 6);
  pauses.forEach((pause, n) => {
    const most = 100 * 2 ** n;
    assert.ok(pause >= most / 2 && pause <= most, `pause ${n} is ${pause}`);
  });
  await end(server);
});

for (const code of [400, 401, 403, 404, 409, 422]) {
  repeating(`takes ${code} as the last word`, async () => {
    const server = await acting(status(code), status(200));
    const { http, end } = client();
    const error = await rejectionOf<RemoteError>(http.request(get(server.url)));
    assert.is(error.status, code);
    assert.is(server.seen.length, 1);
    await end(server);
  });
}

repeating('does not forget a lost answer when the repeat is refused', async () => {
  const server = await acting(cut, status(409));
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(
    http.request({ ...post(server.url), repeat: 'safe' }),
  );
  assert.is(error.status, 409);
  assert.is(error.unknown, true);
  assert.is(error.answer?.body, '{"message":"not now"}');
  await end(server);
});

repeating('does not repeat a GET that changes something', async () => {
  const server = await acting(status(503), status(200));
  const { http, end } = client();
  const error = await rejectionOf<RemoteError>(
    http.request({ ...get(server.url), repeat: 'once' }),
  );
  assert.is(error.unknown, true);
  assert.is(server.seen.length, 1);
  await end(server);
});

repeating('waits as long as Retry-After says', async () => {
  const server = await acting(status(429, { 'retry-after': '7' }), status(200));
  const { http, pauses, end } = client();
  await http.request(get(server.url));
  assert.equal(pauses, [7000]);
  await end(server);
});

repeating("reads a Retry-After date by the server's clock", async () => {
  const date = 'Wed, 01 Jan 2020 00:00:00 GMT';
  const later = 'Wed, 01 Jan 2020 00:00:42 GMT';
  const server = await acting(status(503, { date, 'retry-after': later }), status(200));
  const { http, pauses, end } = client();
  await http.request(get(server.url));
  assert.equal(pauses, [42_000]);
  await end(server);
});

repeating('fails at once when it would have to wait for more than a minute', async () => {
  const server = await acting(status(503, { 'retry-after': '61' }), status(200));
  const { http, pauses, end } = client();
  const error = await rejectionOf<RemoteError>(http.request(get(server.url)));
  assert.is(error.status, 503);
  assert.equal(pauses, []);
  await end(server);
});

repeating("asks for the remote's own word for not now", async () => {
  const server = await acting(status(403, { 'x-wait': '9' }), status(201));
  const { http, pauses, end } = client();
  const backOff: NonNullable<Call['backOff']> = ({ headers }) => Number(headers['x-wait']) * 1000;
  await http.request({ ...post(server.url), backOff });
  assert.equal(pauses, [9000]);
  await end(server);
});

repeating('says at once that a host is tried again, and once a minute at most', async () => {
  const [flaky, other] = await Promise.all([acting(status(500)), acting(cut, status(200))]);
  let now = 0;
  const clock = { now: () => now, pause: async () => {} };
  const { http, notes, end } = client({ clock });
  const said = () => notes.at('info').length;
  await rejectionOf(http.request(get(flaky.url)));
  assert.is(said(), 1);
  assert.match(
    notes.at('info').join(),
    /GET 127\.0\.0\.1:\d+\/ failed: .* 500: not now; trying again in 1 s/,
  );
  await rejectionOf(http.request(get(flaky.url)));
  assert.is(said(), 1);
  await http.request(get(other.url));
  assert.is(said(), 2);
  now = 60_000;
  await rejectionOf(http.request(get(flaky.url)));
  assert.is(said(), 3);
  await end(flaky, other);
});

repeating('does not repeat once the signal has aborted', async () => {
  const stop = new AbortController();
  const server = await acting(status(503));
  const clock = { now: () => 0, pause: async () => stop.abort() };
  const { http, end } = client({ clock });
  const error = await rejectionOf<RemoteError>(
    http.request({ ...get(server.url), signal: stop.signal }),
  );
  assert.is(error.status, 503);
  assert.is(server.seen.length, 1);
  await end(server);
});
repeating.run();

const reading = suite('retryAfter');
const date = 'Wed, 01 Jan 2020 00:00:10 GMT';
for (const [value, serverDate, good] of [
  [undefined, date, undefined],
  ['', date, undefined],
  ['0', date, 0],
  [' 120 ', date, 120_000],
  ['Wed, 01 Jan 2020 00:00:15 GMT', date, 5000],
  ['Wed, 01 Jan 2020 00:00:05 GMT', date, 0],
  ['Wed, 01 Jan 2020 00:00:15 GMT', undefined, undefined],
  ['soon', date, undefined],
] as const) {
  reading(`reads ${JSON.stringify(value)} at ${serverDate} as ${good}`, () => {
    assert.is(retryAfter(value, serverDate), good);
  });
}
reading.run();
