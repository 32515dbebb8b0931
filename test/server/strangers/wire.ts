import type { Random } from '../../support/random.ts';
import type { Known } from './requests.ts';

const startLines = [
  'GET /healthz HTTP/1.1',
  'GET /healthz HTTP/1.0',
  'GET /healthz HTTP/0.9',
  'GET /healthz HTTP/2.0',
  'GET /healthz HTTP/1.1 x',
  'GET /healthz',
  'GET  /healthz  HTTP/1.1',
  'get /healthz HTTP/1.1',
  'GET http://evil.example/v1/runs HTTP/1.1',
  'GET //evil.example/ HTTP/1.1',
  'GET /\0 HTTP/1.1',
  'GET /\xff\xfe HTTP/1.1',
  'GET /healthz#x HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT evil.example:443 HTTP/1.1',
  'PRI * HTTP/2.0',
  'POST /v1/runs HTTP/1.1',
  'POST /v1/runs HTTP/1.1',
  'POST /spinnaker/v1/runs HTTP/1.1',
  'POST /hooks/github HTTP/1.1',
  'POST /login HTTP/1.1',
  'HEAD /v1/runs HTTP/1.1',
  'DELETE /v1/runs/x/cancel HTTP/1.1',
  'EHLO slipway',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  '',
  ' ',
];
const lengths = [
  '0',
  '2',
  '5',
  '1000',
  '-1',
  '+2',
  '0x2',
  '2, 2',
  '2, 3',
  '99999999999999999999',
  '',
];
const codings = [
  'chunked',
  'Chunked',
  'chunked, chunked',
  'identity',
  'gzip',
  'xchunked',
  ' chunked ',
  '\0',
];
const lines: readonly ((random: Random) => string)[] = [
  (random) => `Content-Length: ${random.pick(lengths)}`,
  (random) => `Content-Length: ${random.pick(lengths)}`,
  (random) => `Transfer-Encoding: ${random.pick(codings)}`,
  (random) => `Transfer-Encoding: ${random.pick(codings)}`,
  (random) => `Expect: ${random.pick(['100-continue', '200-ok', '', '100-continue, x'])}`,
  (random) => `Upgrade: ${random.pick(['websocket', 'h2c', 'x'])}`,
  (random) => `Connection: ${random.pick(['close', 'upgrade', 'keep-alive', 'x, y', ''])}`,
  () => 'Content-Encoding: gzip',
  () => 'Content-Type: application/json',
  () => ' folded: x',
  () => 'no colon',
  () => ': no name',
  () => 'Bad Name: x',
  () => 'X: a\0b',
  () => 'X: a\rb',
  () => 'Host: a\r\nHost: b',
  () => 'Trailer: x',
  () => '__proto__: x',
  (random) => `X-${'a'.repeat(random.int(300))}: ${'b'.repeat(random.int(20_000))}`,
  (random) => Array.from({ length: random.int(2500) }, (_, at) => `X${at}: y`).join('\r\n'),
];
const chunks: readonly ((random: Random) => string)[] = [
  () => '2\r\n{}\r\n0\r\n\r\n',
  () => '2;x=y\r\n{}\r\n0\r\nX: y\r\n\r\n',
  () => '2\r\n{}',
  () => '5\r\n{}\r\n0\r\n\r\n',
  () => 'zz\r\n{}\r\n',
  () => '-1\r\n{}\r\n',
  () => 'ffffffffffffffffff\r\n{}',
  () => '0\r\nX: y\0\r\n\r\n',
  () => `0\r\n${'X: y\r\n'.repeat(3000)}\r\n`,
  () => '\r\n\r\n',
  (random) => `${'1;'.padEnd(random.int(20_000), 'x')}\r\n{\r\n`,
];

/** Bytes for a connection: nearly HTTP, or none of it, or one request right behind another. */
export function strangeBytes(random: Random, { tokens }: Known): Buffer {
  const one = (): string => {
    const head = [
      random.pick(startLines),
      `Authorization: Bearer ${random.pick(tokens)}`,
      ...Array.from({ length: random.int(4) }, () => random.pick(lines)(random)),
    ];
    const body = random.int(3) ? '' : random.pick([...chunks, () => '{}', () => 'x'])(random);
    return `${head.join(random.int(12) ? '\r\n' : random.pick(['\n', '\r']))}\r\n\r\n${body}`;
  };
  const all = Array.from({ length: 1 + random.int(3) }, one).join('');
  const bytes = Buffer.from(all, 'latin1');
  if (random.int(4) === 0) {
    for (let flips = 1 + random.int(4); flips > 0; flips -= 1) {
      bytes[random.int(bytes.length)] = random.int(256);
    }
  }
  return random.int(8) ? bytes : bytes.subarray(0, random.int(bytes.length));
}

/** What is wrong with everything that came back. */
export function wrongOnWire(text: string, bytes: Buffer): string[] {
  const answers = text.split(/(?=HTTP\/1\.1 \d{3} [^\r\n]*\r\n)/).filter((part) => part !== '');
  const faults = answers.flatMap((answer) => {
    const [head = '', ...rest] = answer.split('\r\n\r\n');
    const fault = faultOf(head, rest.join('\r\n\r\n'));
    return fault ? [`${fault}: ${answer.slice(0, 600)}`] : [];
  });
  const sent = JSON.stringify(bytes.toString('latin1').slice(0, 600));
  return faults.map((fault) => `${fault} for ${sent}`);
}

function faultOf(head: string, body: string): string | undefined {
  const [, status = ''] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
  if (status === '100') return undefined;
  if (!/^[1-4]\d\d$|^50[123]$/.test(status) || /408|425/.test(status)) return 'a bad status';
  const [, type = 'no type'] = /\r\ncontent-type: ([^\r]*)/i.exec(head) ?? [];
  if (/\n\s+at /.test(body)) return 'a stack';
  if (status === '303' || type.startsWith('text/')) return undefined;
  if (type !== 'application/json') return type;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
  // That of a HEAD.
  if (body === '') return undefined;
  if (body.length !== length) return `${body.length} bytes, and not ${length}`;
  try {
    JSON.parse(body);
    return undefined;
  } catch {
    return 'no JSON';
  }
}
