import type { IncomingMessage, ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import { serve } from '../loopback.ts';
import { judgeMessage } from './block-kit.ts';
import { answer, isWrite } from './methods.ts';
import { type Channel, createWorld, type Message, type World } from './world.ts';

export type Json = Readonly<Record<string, unknown>>;

/** What goes wrong: `-after` once Slack has acted. A word is an error of Slack's; a number of seconds a rate limit. */
export type Fault =
  | 'cut'
  | 'cut-after'
  | 'hang'
  | 'html'
  | '500'
  | '503-after'
  | { readonly error: string }
  | { readonly retryAfter: number }
  | { readonly status: number; readonly text: string };

export type FakeSlack = World & {
  readonly url: string;
  readonly host: string;
  readonly token: string;
  readonly webhookUrl: string;
  /** Calls in their order: `chat.postMessage`, `webhook` … */
  readonly calls: readonly string[];
  /** The next calls of this method go wrong, one fault each. */
  fail(method: string, ...faults: readonly Fault[]): void;
  /** Everything goes wrong from now on, or nothing any more. */
  failAll(fault: Fault | undefined): void;
  /** Messages that stand in the channel itself. */
  tops(): readonly Message[];
  replies(): readonly Message[];
  writes(): number;
  assertClean(): void;
  close(): Promise<void>;
};

export type FakeSlackOptions = {
  readonly now?: () => number;
  readonly token?: string;
  readonly scopes?: readonly string[];
  readonly channels?: readonly Channel[];
  /** What the address of the webhook ends in. */
  readonly hook?: string;
};

export const deploys: Channel = { id: 'C0DEPLOYS1', name: 'deploys' };
/** What webhooks write to. */
const webhook = 'webhook';

/** Slack's Web API and one incoming webhook: real HTTP on loopback, strict with whoever asks. */
export async function fakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const {
    now = Date.now,
    token = 'xoxb-17-the-token-of-tests',
    hook = 'aVerySecretHook1',
  } = options;
  const { scopes = ['chat:write', 'channels:history'], channels = [deploys] } = options;
  const hookPath = `/services/T0OCTO000/B0HOOK000/${hook}`;
  const world = createWorld(now);
  world.channels.push(...channels.map((each) => ({ ...each })));
  const complaints: string[] = [];
  const calls: string[] = [];
  const planned = new Map<string, Fault[]>();
  let always: Fault | undefined;
  const complain = (fault: string): void => void complaints.push(fault);

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x');
    const raw = await bodyOf(request);
    const method = url.pathname === hookPath ? webhook : url.pathname.replace('/api/', '');
    calls.push(method);
    const body = judged(request, url, raw, method);
    const fault = planned.get(method)?.shift() ?? always;
    const acts = (): string => (method === webhook ? taken(body) : said(method, body, request));
    play(fault, method, acts, response);
  }

  function judged(request: IncomingMessage, url: URL, raw: string, method: string): Json {
    const { headers } = request;
    if (!headers['user-agent']?.startsWith('slipway/')) complain('nobody says who asks');
    if (method === webhook && headers.authorization) complain('a webhook takes no credential');
    if (request.method === 'GET') return Object.fromEntries(url.searchParams);
    if (headers['content-type'] !== 'application/json; charset=utf-8') complain('no JSON is sent');
    if (url.search) complain('a write has a query');
    if (!isWrite(method) && method !== webhook && method !== 'auth.test') {
      complain(`${method} takes no JSON`);
    }
    return JSON.parse(raw) as Json;
  }

  function said(method: string, body: Json, request: IncomingMessage): string {
    if (request.headers.authorization !== `Bearer ${token}`) {
      return JSON.stringify({ ok: false, error: 'invalid_auth' });
    }
    return JSON.stringify(answer(method, { world, scopes, body, complain }));
  }

  function taken(body: Json): string {
    judgeMessage(body, complain);
    for (const name of Object.keys(body)) {
      if (!['text', 'blocks'].includes(name)) complain(`a webhook has no argument ${name}`);
    }
    world.write(webhook, body);
    return 'ok';
  }

  function play(
    fault: Fault | undefined,
    method: string,
    acts: () => string,
    response: ServerResponse,
  ): void {
    const type = method === webhook ? 'text/html' : 'application/json; charset=utf-8';
    const end = (status: number, text: string, more: object = {}): void =>
      void response
        .writeHead(status, {
          'content-type': type,
          'x-oauth-scopes': scopes.join(','),
          date: new Date(now()).toUTCString(),
          ...more,
        })
        .end(text);
    if (fault === undefined) end(200, acts());
    else if (fault === 'hang') return;
    else if (fault === 'cut') response.socket?.destroy();
    else if (fault === 'cut-after') {
      acts();
      response.socket?.destroy();
    } else if (fault === '503-after') {
      acts();
      end(503, 'upstream connect error');
    } else if (fault === '500') end(500, '{"ok":false,"error":"fatal_error"}');
    else if (fault === 'html') end(200, '<html>Log in</html>', { 'content-type': 'text/html' });
    else if ('retryAfter' in fault) {
      const limited = method === webhook ? 'rate_limited' : '{"ok":false,"error":"ratelimited"}';
      end(429, limited, { 'retry-after': String(fault.retryAfter) });
    } else if ('status' in fault) end(fault.status, fault.text);
    else end(200, JSON.stringify({ ok: false, error: fault.error }));
  }

  const server = await serve((request, response) => void take(request, response));
  return {
    ...world,
    url: `${server.url}/api`,
    host: server.host,
    token,
    webhookUrl: `${server.url}${hookPath}`,
    calls,
    fail: (method, ...faults) =>
      void planned.set(method, [...(planned.get(method) ?? []), ...faults]),
    failAll: (fault) => {
      always = fault;
    },
    tops: () => world.messages.filter(({ thread }) => thread === undefined),
    replies: () => world.messages.filter(({ thread }) => thread !== undefined),
    writes: () => calls.filter((method) => isWrite(method) || method === webhook).length,
    assertClean: () => assert.equal(complaints, []),
    close: () => server.close(),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
