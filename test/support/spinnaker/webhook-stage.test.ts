/** The emulated Orca against every row that was measured with the real one's classes: specs/spinnaker.md, §9.0. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Loopback, serve } from '../loopback.ts';
import type { Facts } from '../orca.ts';
import type { Definition } from './definition.ts';
import { createOkHttp } from './ok-http.ts';
import type { Verdict } from './read.ts';
import { createStage, type Ended, type WebhookStage } from './webhook-stage.ts';

type Say = (request: IncomingMessage, response: ServerResponse, base: string) => void;
type Row = {
  readonly create?: readonly Say[];
  /** The last one is repeated. */
  readonly polls?: readonly Say[];
  readonly ends: Verdict;
  /** Each call by a letter: Create, Poll, canceL. */
  readonly calls: RegExp;
  readonly keys?: number;
};

const json = (body: unknown, status = 200, more: Record<string, string> = {}): Say => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(text);
};
const typed =
  (type: string | undefined, text: string, status = 200): Say =>
  (_, response) =>
    response.writeHead(status, type ? { 'content-type': type } : {}).end(text);
const taken =
  (status = 202): Say =>
  (request, response, base) =>
    json({ id: '1', status_url: `${base}/poll` }, status)(request, response, base);
const cut: Say = (request) => request.socket.destroy();
const state = (status: unknown, progress: unknown = 'at work'): Say => json({ status, progress });
const none: Say = (_, response) => response.writeHead(204).end();
const moved =
  (status: number): Say =>
  (_, response, base) =>
    response.writeHead(status, { location: `${base}/runs` }).end();

const success = state('SUCCESS');
const refusals = [400, 401, 403, 404, 409, 422, 504].map((status): [string, Row] => [
  `a create that is answered ${status}`,
  { create: [json({ error: 'no' }, status)], ends: 'TERMINAL', calls: /^CL$/ },
]);

const rows: readonly (readonly [string, Row])[] = [
  ...[200, 201, 202].map((status): [string, Row] => [
    `a create that is answered ${status}, and polls`,
    {
      create: [taken(status)],
      polls: [state('QUEUED'), success],
      ends: 'SUCCEEDED',
      calls: /^CPP$/,
    },
  ]),
  ...(
    [
      ['no status_url', json({ id: '1' }, 202)],
      ['204', none],
      ['JSON as text/plain', typed('text/plain', '{"status_url":"http://a.b/"}')],
      ['JSON without a type', typed(undefined, '{"status_url":"http://a.b/"}')],
      ['broken JSON', json('{"status_url":')],
    ] as const
  ).map(([what, say]): [string, Row] => [
    `a create that is answered with ${what}`,
    { create: [say], ends: 'TERMINAL', calls: /^CL$/ },
  ]),
  [
    'a relative status_url',
    { create: [json({ id: '1', status_url: '/poll' })], ends: 'TERMINAL', calls: /^CL$/ },
  ],
  ...refusals,
  ...[429, 500, 502, 503].map((status): [string, Row] => [
    `a create that is answered ${status} twice`,
    {
      create: [json({}, status), json({}, status), taken()],
      polls: [success],
      ends: 'SUCCEEDED',
      calls: /^CCCP$/,
      keys: 1,
    },
  ]),
  [
    '408, which the HTTP client repeats at once',
    {
      create: [json({}, 408), taken()],
      polls: [success],
      ends: 'SUCCEEDED',
      calls: /^CCP$/,
      keys: 1,
    },
  ],
  [
    '503 with Retry-After: 0, which it repeats too',
    {
      create: [json({}, 503, { 'retry-after': '0' }), taken()],
      polls: [success],
      ends: 'SUCCEEDED',
      calls: /^CCP$/,
      keys: 1,
    },
  ],
  [
    '303, after which a POST is a GET',
    { create: [moved(303), none], ends: 'TERMINAL', calls: /^CGL$/ },
  ],
  [
    '307, after which it is sent again',
    { create: [moved(307), taken()], polls: [success], ends: 'SUCCEEDED', calls: /^CCP$/ },
  ],
  ['a connection that is cut on a fresh POST', { create: [cut], ends: 'TERMINAL', calls: /^CL$/ }],
  [
    'numbers to 100',
    { polls: [25, 50, 75, 100].map((part) => state(part)), ends: 'SUCCEEDED', calls: /^CPPPP$/ },
  ],
  ...(
    [
      ['no status', json({ progress: '' })],
      ['a status of null', state(null)],
      ['no progress', json({ status: 'QUEUED' })],
      ['a progress of null', state('QUEUED', null)],
      ['text/plain', typed('text/plain', '{"status":"SUCCESS","progress":""}')],
      ['404', json({}, 404)],
      ['204', none],
    ] as const
  ).map(([what, say]): [string, Row] => [
    `a poll that is answered with ${what}`,
    { polls: [say], ends: 'TERMINAL', calls: /^CPL$/ },
  ]),
  ['an empty progress', { polls: [state('SUCCESS', '')], ends: 'SUCCEEDED', calls: /^CP$/ }],
  ['success in small letters', { polls: [state('success')], ends: 'SUCCEEDED', calls: /^CP$/ }],
  ['an unknown word', { polls: [state('WAITING')], ends: 'TERMINAL', calls: /^CP{60,}L$/ }],
  [
    '500 and 429 for a while',
    { polls: [json({}, 500), json({}, 429), success], ends: 'SUCCEEDED', calls: /^CPPP$/ },
  ],
  [
    'a connection that is cut under a poll which another had used before',
    { polls: [state('QUEUED'), cut, success], ends: 'SUCCEEDED', calls: /^CPPP$/ },
  ],
  ['CANCELED', { polls: [state('CANCELED')], ends: 'CANCELED', calls: /^CPL$/ }],
  ...['TIMED_OUT', 'FAILURE', 'ERROR'].map((word): [string, Row] => [
    word,
    { polls: [state(word)], ends: 'TERMINAL', calls: /^CPL$/ },
  ]),
];

type Played = {
  readonly base: Loopback;
  readonly calls: () => string;
  readonly keys: Set<unknown>;
};

async function withService(row: Row, play: (played: Played) => Promise<void>): Promise<void> {
  let calls = '';
  const keys = new Set<unknown>();
  const counts = { create: 0, poll: 0 };
  const next = (list: readonly Say[] | undefined, which: keyof typeof counts): Say =>
    list?.[Math.min(counts[which]++, list.length - 1)] ?? taken();
  const base: Loopback = await serve((request, response) => {
    request.resume();
    keys.add(request.headers['idempotency-key']);
    const isCreate = request.url === '/runs';
    const letter = request.method === 'POST' ? 'C' : 'G';
    calls += request.url === '/cancel' ? 'L' : isCreate ? letter : 'P';
    if (request.url === '/cancel') return json({})(request, response, base.url);
    const say = isCreate ? next(row.create, 'create') : next(row.polls, 'poll');
    request.on('end', () => say(request, response, base.url));
  });
  try {
    await play({ base, calls: () => calls, keys });
  } finally {
    await base.close();
  }
}

const definitionAt = (base: string): Definition => ({
  ...{ type: 'deploy', url: `${base}/runs`, method: 'POST', payload: '{}' },
  customHeaders: { 'Content-Type': ['application/json'], 'Idempotency-Key': ['${execution.id}'] },
  ...{ statusUrlJsonPath: '$.status_url', statusJsonPath: '$.status' },
  ...{ progressJsonPath: '$.progress', successStatuses: 'SUCCESS' },
  ...{ canceledStatuses: 'CANCELED,CANCELLED', terminalStatuses: 'FAILURE,ERROR,TIMED_OUT' },
  ...{ cancelEndpoint: `${base}/cancel`, cancelMethod: 'POST', cancelPayload: '{}' },
  failFastStatusCodes: [504],
});
const facts: Facts = {
  parameterValues: {},
  execution: { id: '01J', application: 'shop', name: 'Deploy' },
  stage: { id: '01K', startTime: 1 },
};

const endless: Row = { polls: [state('QUEUED')], ends: 'RUNNING', calls: /P/ };

const orca = suite('the emulated Orca');
for (const [what, row] of rows) {
  orca(`ends ${row.ends} by ${what}`, () =>
    withService(row, async ({ base, calls, keys }) => {
      const http = createOkHttp();
      const stage = createStage(definitionAt(base.url), facts, { http, speed: 5000 });
      const { verdict } = await stage.run();
      http.close();
      assert.is(verdict, row.ends);
      assert.match(calls(), row.calls);
      if (row.keys !== undefined) assert.is(keys.size, row.keys);
    }),
  );
}

/** What a stage that polls ends as, and its calls, when this happens to it. */
const polling = async (happens: (stage: WebhookStage, service: Loopback) => unknown) => {
  let ended: (Ended & { readonly calls: string }) | undefined;
  await withService(endless, async ({ base, calls }) => {
    const http = createOkHttp();
    const stage = createStage(definitionAt(base.url), facts, { http, speed: 50 });
    const running = stage.run();
    while (!calls().includes('P')) await pause(1);
    await happens(stage, base);
    ended = { ...(await running), calls: calls() };
    http.close();
  });
  return ended;
};

orca('ends TERMINAL when the server is gone between polls', async () => {
  const ended = await polling((_, service) => service.close());
  assert.is(ended?.verdict, 'TERMINAL');
  assert.equal(ended?.cancels, [undefined], 'the cancel cannot arrive');
});

orca('ends CANCELED when a person cancels it while it polls', async () => {
  const ended = await polling((stage) => stage.cancel());
  assert.is(ended?.verdict, 'CANCELED');
  assert.match(ended?.calls ?? '', /^CP+L$/);
});

orca.run();
