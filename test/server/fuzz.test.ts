import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Random, seeded } from '../support/random.ts';
import { order, type Stage, sha, stageBody, staged, tokens } from './stage.ts';

/* Generated requests: whatever comes, the answer is JSON and holds no stack. */
const fuzz = suite('what strangers send');

const methods = [
  'GET',
  'POST',
  'POST',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'HEAD',
  'PROPFIND',
];
const pages = [
  '/',
  '/runs/ID',
  '/runs/ID/log',
  '/runs/ID/live',
  '/runs/ID/cancel',
  '/login',
  '/logout',
  '/docs',
];
const paths = [
  // More often, for there is more behind them.
  ...Array(5).fill('/v1/runs'),
  ...Array(5).fill('/spinnaker/v1/runs'),
  '/v1/runs',
  '/v1/runs/ID',
  '/v1/runs/ID/cancel',
  '/v1/runs/ID/log',
  '/v1/runs/ID/events',
  '/spinnaker/v1/runs',
  '/spinnaker/v1/runs/ID',
  '/spinnaker/v1/executions/ID/stages/ID/cancel',
  '/spinnaker/v1/statuses',
  '/hooks/github',
  '/hooks/gitlab',
  '/hooks/bitbucket',
  '/hooks/gitea',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/nope/ID',
  ...pages,
];
const ids = [
  '0',
  '%00',
  '%2e%2e%2f',
  "' OR 1=1 --",
  '😀',
  'x'.repeat(2000),
  '${7*7}',
  '%zz',
  'constructor',
  '__proto__',
  '../../etc/passwd',
  '019a0000-0000-7000-8000-000000000000',
];
const queries = [
  '',
  '?',
  '?limit=9',
  '?limit[]=1',
  '?a=%ff',
  '?__proto__=1',
  '?status=x&status=y',
  '?cursor=9999999999999999',
];
const types = [
  'application/json',
  'text/plain;charset=ISO-8859-1',
  'text/plain; charset=utf-16',
  ';;',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  '${type}',
  'a'.repeat(500),
];

const values = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => true,
    () => random.int(2 ** 31),
    () => 1e308,
    () => -0.5,
    () => '',
    () => ' ',
    () => '${execution.id}',
    () => '\u0000\ud800',
    () => sha,
    () => 'x'.repeat(random.int(3000)),
    () => [values(random), values(random)],
    () => ({ [random.pick(['a', '__proto__', 'constructor', 'deployment'])]: values(random) }),
    () => 'production',
  ])();

function bodyOf(random: Random): Buffer {
  const names = [
    ...Object.keys(order),
    ...Object.keys(stageBody),
    'state',
    'payload',
    'timeout',
    'key',
    'reason',
    '__proto__',
    'toString',
  ];
  const base = random.pick([
    order,
    stageBody,
    { owner: 'octo', repo: 'hello', deployment_id: 1, state: 'success' },
    {},
  ]);
  const fields = Array.from({ length: random.int(4) }, () => [random.pick(names), values(random)]);
  const text = JSON.stringify({ ...base, ...Object.fromEntries(fields) });
  const bytes = Buffer.from(text);
  return random.pick<() => Buffer>([
    () => bytes,
    () => bytes,
    () => bytes,
    () => bytes.subarray(0, random.int(bytes.length)),
    () => random.bytes(random.int(300)),
    () => Buffer.from('['.repeat(random.int(60_000))),
    () => Buffer.from(`{"a":`.repeat(random.int(9000))),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.concat([bytes, random.bytes(3)]),
    () => Buffer.alloc(random.int(90_000), '{'),
  ])();
}

type Got = { readonly status: number; readonly type: string; readonly text: string };

const send = (port: number, options: http.RequestOptions, body: Buffer): Promise<Got> =>
  new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', agent, ...options }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'] ?? '',
          text: Buffer.concat(parts).toString(),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

const streams = /^(?:text\/plain|text\/event-stream)/;

function judge({ status, type, text }: Got, sent: string): void {
  assert.ok(
    status >= 200 && status < 600 && ![204, 408, 425, 500, 504].includes(status),
    `${status} for ${sent}`,
  );
  assert.not.match(text, /\n\s+at /, sent);
  if (type === 'text/html; charset=utf-8' || (status === 303 && text === '')) {
    assert.ok(
      pages.some((page) => new RegExp(` ${page.replace('ID', '.*')}(?:[ ?]|$)`).test(sent)),
      sent,
    );
    return;
  }
  assert.not.match(text, '${', sent);
  if (status < 300 && streams.test(type)) return;
  assert.is(type, 'application/json', `${status} ${type} for ${sent}`);
  if (sent.startsWith('HEAD')) return;
  const body = JSON.parse(text);
  assert.ok(typeof body === 'object' && !Array.isArray(body), sent);
}

const listening = (run: (stage: Stage, port: number) => Promise<void>) =>
  staged(async (stage) => {
    await stage.app.listen({ port: 0, host: '127.0.0.1' });
    await run(stage, (stage.app.server.address() as AddressInfo).port);
    agent.destroy();
  });

fuzz(
  'is answered in JSON, whatever it is',
  listening(async (_, port) => {
    const random = seeded(20261128);
    const statuses = new Set<number>();
    const headerValues = ['', 'x', '${x}', 'ü', 'a'.repeat(300), '\t', '0', '-1', 'Bearer'];
    for (let round = 0; round < 150; round += 1) {
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const method = random.pick(methods);
          const path = random.pick(paths).replaceAll('ID', encodeURI(random.pick(ids)));
          const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : bodyOf(random);
          const headers: Record<string, string> = {
            authorization: `Bearer ${random.pick([...Object.values(tokens)])}`,
            'content-type': random.pick(types),
            'content-length': String(body.length),
            'idempotency-key': random.pick(['k', '${k}', 'x'.repeat(300), '', '']),
            [random.pick([
              'accept',
              'last-event-id',
              'x-github-event',
              'x-hub-signature-256',
              'cookie',
              'origin',
            ])]: random.pick(headerValues),
          };
          const url = path + random.pick(queries);
          const got = await send(port, { method, path: url, headers }, body);
          statuses.add(got.status);
          judge(got, `${method} ${url} ${body}`);
        }),
      );
    }
    // It has been everywhere.
    const wanted = [200, 202, 400, 401, 403, 404, 405, 413, 422];
    assert.equal([...statuses].filter((status) => wanted.includes(status)).sort(), wanted);
  }),
);

fuzz(
  'is answered in JSON where it is no HTTP at all',
  listening(async (_, port) => {
    const random = seeded(7);
    const whole = `POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.spinnaker}\r\nContent-Length: 2\r\n\r\n{}`;
    for (let round = 0; round < 200; round += 1) {
      const bytes = Buffer.from(whole);
      for (let flips = 1 + random.int(4); flips > 0; flips -= 1) {
        bytes[random.int(bytes.length)] = random.int(256);
      }
      const text = await exchange(port, bytes);
      for (const [, head = '', body = ''] of text.matchAll(
        /HTTP\/1\.1 \d{3} [^\r]*\r\n(.*?)\r\n\r\n(\{.*?\})(?=HTTP|$)/gs,
      )) {
        assert.match(head, /content-type: application\/json/i);
        JSON.parse(body);
      }
      assert.not.match(text, /\n\s+at |HTTP\/1\.1 (?:408|500)/);
    }
  }),
);

/** All that comes back until the server has had its say. */
const exchange = (port: number, bytes: Buffer): Promise<string> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(30, end);
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {}).on('close', end);
    socket.write(bytes);
  });

fuzz.run();
