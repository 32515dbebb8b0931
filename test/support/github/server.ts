import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Api, admit, type Request, serve } from './api.ts';
import { type Exchange, looselyParsed } from './exchange.ts';
import type { Canned, createFaults, Fault, FaultRule } from './faults.ts';
import { answerGraphql } from './graphql.ts';
import { demandManners, demandVersion, parseBody } from './manners.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Reply } from './route.ts';
import { type Answer, send } from './wire.ts';

export type ServerParts = {
  /** Where REST begins: '' or `/api/v3`. */
  readonly restBase: string;
  readonly graphqlPath: string;
  readonly api: Api;
  /** Whether GraphQL answers at all. */
  readonly graphql: boolean;
  readonly faults: ReturnType<typeof createFaults>;
  readonly requests: Exchange[];
  readonly serverNow: () => number;
  readonly latencyMs: number;
  readonly validate: boolean;
  readonly elsewhere: () => string;
};

/** One request from its first byte to its last: judged, bent by the faults, served, sent. */
export async function handle(
  parts: ServerParts,
  message: IncomingMessage,
  response: ServerResponse,
  raw: string,
): Promise<void> {
  const request = read(parts, message, raw);
  const { method, path } = request;
  const exchange = note(parts, request);
  const rules = parts.faults.take(method, path);
  const fault = bendOf(rules);
  exchange.fault = fault === undefined ? undefined : nameOf(fault);
  if (parts.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, parts.latencyMs));
  if (typeof fault === 'object' && 'afterMs' in fault) {
    await new Promise((resolve) => setTimeout(resolve, fault.afterMs));
  }
  const violate = (what: string): void => parts.api.violate(`${method} ${path}: ${what}`);
  const own = { ...parts, api: { ...parts.api, violate } };
  const reply = await answer(own, request, raw, rules);
  const lost = typeof fault === 'string' && !['redirect-elsewhere', 'half-body'].includes(fault);
  exchange.status = lost ? undefined : reply.status;
  await send(response, dress(parts, request, reply), fault);
}

const bendOf = (rules: readonly FaultRule[]): Fault | undefined =>
  rules.find((rule) => rule.do !== undefined)?.do;

function read({ restBase, graphqlPath }: ServerParts, message: IncomingMessage, raw: string) {
  const url = new URL(message.url ?? '/', `http://${message.headers.host ?? 'localhost'}`);
  const rest = url.pathname.startsWith(`${restBase}/`) ? url.pathname.slice(restBase.length) : '';
  const path = url.pathname === graphqlPath ? '/graphql' : rest;
  const { method = 'GET', headers } = message;
  return { method, url, path, headers, body: looselyParsed(raw) } satisfies Request;
}

function note({ requests, serverNow }: ServerParts, request: Request): Exchange {
  const { method, path, headers, body, url } = request;
  const query = Object.fromEntries(url.searchParams);
  const exchange: Exchange = {
    ...{ at: serverNow(), method, path, query, headers, body },
    status: undefined,
    fault: undefined,
  };
  requests.push(exchange);
  return exchange;
}

/** A request is judged even when a fault swallows it: the caller was wrong all the same. */
async function answer(
  parts: ServerParts,
  request: Request,
  raw: string,
  rules: readonly FaultRule[],
): Promise<Reply> {
  const { api } = parts;
  try {
    for (const rule of rules) rule.meanwhile?.();
    if (parts.validate) judge(request, raw);
    const act = admitted(parts, request);
    const bent = instead(parts, bendOf(rules));
    if (bent?.acts) await act();
    return bent ?? (await act());
  } catch (error) {
    if (!(error instanceof Refusal)) return broken(api, error);
    if (error.violation) api.violate(error.fault);
    return { status: error.status, body: error.body };
  }
}

/** A fault of the fake itself must not look like one of GitHub's. */
function broken(api: Api, error: unknown): Reply {
  api.violate(`the fake broke: ${error instanceof Error ? error.stack : String(error)}`);
  return { status: 500, body: { message: 'The fake broke' } };
}

function judge({ method, headers, path }: Request, raw: string): void {
  demandManners(method, headers, raw !== '');
  if (path !== '/graphql') demandVersion(headers);
  parseBody(raw);
}

function admitted(parts: ServerParts, request: Request): () => Reply | Promise<Reply> {
  if (request.path === '/graphql') {
    if (!parts.graphql) throw new Refusal(403, 'Resource not accessible by integration');
    return () => answerGraphql(parts.api, request);
  }
  if (request.path === '') throw new Refusal(404, 'Not Found', { violation: true });
  const match = admit(parts.api, request);
  return () => serve(parts.api, request, match);
}

type Bent = Reply & { readonly acts?: boolean };

/** What a fault answers in place of the route. */
function instead(
  { serverNow, elsewhere }: ServerParts,
  fault: Fault | undefined,
): Bent | undefined {
  if (fault === 'reset' || fault === 'hang') return notFoundReply; // never sent
  if (fault === 'redirect-elsewhere') {
    return {
      status: 307,
      headers: { location: elsewhere() },
      body: { message: 'Temporary Redirect' },
    };
  }
  if (typeof fault === 'function') return fault(serverNow());
  return typeof fault === 'object' && 'status' in fault ? (fault satisfies Canned) : undefined;
}

const notFoundReply: Bent = { status: 404, body: notFound().body };

function nameOf(fault: NonNullable<FaultRule['do']>): string {
  if (typeof fault === 'string') return fault;
  if (typeof fault === 'function') return 'canned';
  if ('afterMs' in fault) return 'late';
  return 'status' in fault ? String(fault.status) : 'slow body';
}

function dress(parts: ServerParts, { method, path }: Request, reply: Reply): Answer {
  const resource = path === '/graphql' ? 'graphql' : 'core';
  const free = reply.status === 304 || path === '/rate_limit';
  if (!free) parts.api.rate.spend(resource);
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  return {
    status: reply.status,
    body: method === 'HEAD' ? '' : (text ?? ''),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(parts.serverNow()).toUTCString(),
      server: 'github.com',
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': '2022-11-28',
      'x-github-request-id': `FAKE:${parts.requests.length}`,
      ...(parts.api.limited ? parts.api.rate.headers(resource) : {}),
      ...reply.headers,
    },
  };
}
