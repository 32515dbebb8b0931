import { bodies, hexOf } from '../../hooks/deliveries.ts';
import type { Random } from '../../support/random.ts';
import { changedJson, mangled } from './json.ts';

/** What the generator must know of the server that it tries. */
export type Known = {
  readonly tokens: readonly string[];
  /** Proves deliveries of every forge. */
  readonly hookSecret: string;
  /** Bodies of requests for runs. */
  readonly orders: readonly object[];
  /** Runs that there are. */
  readonly runs: readonly string[];
};
export type Sent = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];
const oddMethods = ['PROPFIND', 'TRACE', 'SEARCH', 'PURGE', 'M-SEARCH', 'QUERY', 'LINK'];
export const pages = [
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
  '/v1/runs/ID',
  '/v1/runs/ID/cancel',
  '/v1/runs/ID/log',
  '/v1/runs/ID/events',
  '/spinnaker/v1/runs/ID',
  '/spinnaker/v1/executions/ID/stages/ID/cancel',
  ...Array(3).fill('/spinnaker/v1/statuses'),
  ...Array(2).fill(['/hooks/github', '/hooks/gitlab', '/hooks/bitbucket', '/hooks/gitea']),
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/nope/ID',
  '//v1/runs',
  '/v1/runs/',
  '/V1/RUNS',
  ...pages,
].flat();
const posted = /\/runs\/?$|^\/hooks|statuses$|cancel$|\/log(?:in|out)$/i;
const oddIds = [
  '0',
  '%00',
  '%2e%2e%2f',
  '..',
  "' OR 1=1 --",
  '😀',
  'x'.repeat(2000),
  '${7*7}',
  '%zz',
  '%f0%9f',
  'constructor',
  '__proto__',
  '../../etc/passwd',
  ';drop',
  '\\..\\',
  '019a0000-0000-7000-8000-000000000000',
];
const queries = [
  '',
  '',
  '?',
  '?limit=9',
  '?limit[]=1',
  '?limit=1e9',
  '?a=%ff',
  '?__proto__=1',
  '?constructor.prototype=1',
  '?status=x&status=y',
  '?cursor=9999999999999999',
  '?cursor=999999999999999',
  '?from=999999999999999',
  '?deployment=%00',
  '?follow=2',
  '?next=//evil.example',
  `?${'a=1&'.repeat(2000)}`,
];
const types = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain;charset=ISO-8859-1',
  'text/plain; charset=utf-16',
  ';;',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  '${type}',
  'a'.repeat(500),
];
const headerNames = [
  'accept',
  'accept-encoding',
  'content-encoding',
  'cookie',
  'expect',
  'host',
  'if-none-match',
  'last-event-id',
  'origin',
  'range',
  'sec-fetch-site',
  'te',
  'upgrade',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-http-method-override',
  '__proto__',
];
const headerValues = [
  '',
  'x',
  '0',
  '-1',
  '999999999999999',
  '${x}',
  'ü',
  '\t',
  'a'.repeat(300),
  'gzip',
  '100-continue',
  'websocket',
  'h2c',
  'bytes=0-0',
  'same-origin',
  'https://evil.example',
  `slipway_session=x.1.${'x'.repeat(43)}`,
];

/** One request that nobody would send who means well. */
export function strangeRequest(random: Random, known: Known): Sent {
  const path: string = random.pick(paths);
  const own = posted.test(path) ? 'POST' : 'GET';
  const method = random.pick(random.pick([[own], [own], methods, oddMethods]));
  const at = path.replaceAll('ID', () => encodeURI(random.pick([...oddIds, ...known.runs])));
  const [, forge] = /^\/hooks\/(\w+)$/.exec(path) ?? [];
  const url = at + random.pick(queries);
  const text = forge
    ? eventOf(forge as keyof typeof bodies, random)
    : changedJson(random.pick([...known.orders, {}]), known.orders.flatMap(Object.keys), random);
  const full = random.int(3) > 0 ? Buffer.from(text) : mangled(text, random);
  const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : full;
  return {
    ...{ method, url, body },
    headers: {
      'content-type': random.pick([...types, 'application/json', 'application/json']),
      'content-length': String(body.length),
      ...(random.int(20) === 0 ? {} : { authorization: `Bearer ${random.pick(known.tokens)}` }),
      ...(random.int(2) ? { 'idempotency-key': oddKey(random) } : {}),
      ...(forge && random.int(5) > 0 ? proofOf(body, known.hookSecret, random) : {}),
      ...(random.int(3) ? {} : { [random.pick(headerNames)]: random.pick(headerValues) }),
    },
  };
}

const oddKey = (random: Random): string =>
  random.pick(['k', `k${random.int(1000)}`, '${k}', 'x'.repeat(300), '', 'ü', '__proto__']);

const eventOf = (forge: keyof typeof bodies, random: Random): string =>
  changedJson(random.pick(Object.values(bodies[forge])), [], random);

const events: readonly Readonly<Record<string, string>>[] = [
  { 'x-github-event': 'deployment' },
  { 'x-github-event': 'push' },
  { 'x-github-event': 'ping' },
  { 'x-gitlab-event': 'Push Hook' },
  { 'x-event-key': 'repo:push' },
  { 'x-event-key': 'diagnostics:ping' },
  { 'x-gitea-event': 'push' },
  { 'x-forgejo-event': '__proto__' },
];

/** Of a forge that sends strange things: behind the proof is more to break. */
function proofOf(body: Buffer, secret: string, random: Random): Record<string, string> {
  const hex = hexOf(secret, body);
  return {
    ...random.pick(events),
    ...random.pick(events),
    'x-hub-signature': `sha256=${hex}`,
    'x-hub-signature-256': `sha256=${hex}`,
    'x-gitea-signature': hex,
    'x-gitlab-token': secret,
    'x-github-delivery': random.pick(['d', `d${random.int(1e6)}`, '', '../x', 'x'.repeat(500)]),
  };
}
