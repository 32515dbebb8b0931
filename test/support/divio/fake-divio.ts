import type { IncomingMessage } from 'node:http';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { createFaults, type Faulty, isBefore, sendFaulty } from '../faulty.ts';
import { type Loopback, serve } from '../loopback.ts';
import { type Call, type Exchange, type Reply, refusals, routes } from './routes.ts';
import { type BusyManner, type Course, createWorld, type World } from './world.ts';

export type { Fault } from '../faulty.ts';
export type { Exchange } from './routes.ts';
export { older } from './world.ts';

export type Manners = {
  readonly token?: string;
  readonly clock?: Clock;
  /** How the nth deployment goes. */
  readonly course?: Partial<Course> | ((nth: number) => Partial<Course>);
  readonly busy?: BusyManner;
  /** Name of the application. */
  readonly slug?: string;
  /** Where the code is, if not at Divio. */
  readonly repository?: string;
  /** Items on a page; all on one by default. */
  readonly pageSize?: number;
  /** Where the next page is said to be. */
  readonly nextAt?: string;
  readonly oldestFirst?: true;
  /** Changes what a list holds: more than was asked for, above all. */
  lists?(exchange: Exchange, items: readonly Record<string, unknown>[]): readonly unknown[];
  /** Changes what is answered: fields that are missing, null or have other names. */
  view?(exchange: Exchange, json: Record<string, unknown>): unknown;
};

export type FakeDivio = Faulty<Exchange> & { readonly world: World };

const usual: Course = { lasts: 6000, ends: 'success', percent: (share) => Math.floor(share * 99) };

/** A Divio on loopback, with the manners that its clients show, and with every fault that a network has. */
export async function fakeDivio(manners: Manners = {}): Promise<FakeDivio> {
  const { token = 'divio-tok-4dc1f00dbaadcafe', clock = systemClock } = manners;
  const { course = {}, busy = 'refuse', repository = null, slug } = manners;
  const courseOf = (nth: number): Course => ({
    ...usual,
    ...(typeof course === 'function' ? course(nth) : course),
  });
  const world = createWorld({ clock, busy, course: courseOf, repository, slug });
  const complaints: string[] = [];
  const exchanges: Exchange[] = [];
  const times: number[] = [];
  const looks: number[] = [];
  const faults = createFaults<Exchange>();

  const complain = (text: string): Reply => {
    complaints.push(text);
    return [400, { detail: text }];
  };

  function unwelcome(request: IncomingMessage, body: string): Reply | undefined {
    const { headers, method } = request;
    if (!/^slipway\/\d/.test(headers['user-agent'] ?? '')) return complain('user-agent');
    if (headers.accept !== 'application/json') return complain(`accept ${headers.accept}`);
    if (headers.authorization !== `Token ${token}`) {
      // As services do that quote what they do not like.
      return [401, { detail: `Invalid token: ${headers.authorization?.replace('Token ', '')}` }];
    }
    const type = headers['content-type'];
    if (method === 'GET') return body || type ? complain('GET with a body') : undefined;
    return type === 'application/json' ? undefined : complain(`content-type ${type}`);
  }

  /** The page that is asked for, where the whole list would be too long for one. */
  function paged([status, json]: Reply, here: URL): Reply {
    const { results } = json as { results?: unknown[] };
    if (!results || status !== 200) return [status, json];
    const all = manners.oldestFirst ? results.toReversed() : results;
    const size = manners.pageSize ?? Math.max(all.length, 1);
    const page = Number(here.searchParams.get('page') ?? 1);
    const next = new URL(here);
    next.searchParams.set('page', String(page + 1));
    const link = manners.nextAt ? next.href.replace(here.origin, manners.nextAt) : next.href;
    return [
      200,
      {
        ...{ count: all.length, next: page * size < all.length ? link : null, previous: null },
        results: all.slice((page - 1) * size, page * size),
      },
    ];
  }

  function viewed(exchange: Exchange, [status, json]: Reply): Reply {
    const { view = (_, each) => each, lists = (_, items) => items } = manners;
    if (status > 299) return [status, json];
    const { results } = json as { results?: Record<string, unknown>[] };
    if (!results) return [status, view(exchange, json as Record<string, unknown>)];
    const items = lists(exchange, results) as typeof results;
    return [status, { ...(json as object), results: items.map((each) => view(exchange, each)) }];
  }

  function act(request: IncomingMessage, body: string, route: Routed, here: URL): Reply {
    const no = unwelcome(request, body) ?? misfit(route, here, body, complain);
    if (no) return no;
    world.settle();
    const call: Call = {
      query: here.searchParams,
      body: body ? JSON.parse(body) : {},
      id: decodeURIComponent(route.path.exec(here.pathname)?.[1] ?? ''),
    };
    const reply = route.act(world, call);
    return viewed(
      route.exchange,
      paged(reply[0] === 409 ? (refusals[busy] ?? reply) : reply, here),
    );
  }

  const server: Loopback = await serve(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const here = new URL(request.url ?? '', server.url);
    const route = routes.find(
      ({ method, path }) => method === request.method && path.test(here.pathname),
    );
    response.setHeader('date', new Date(clock.now()).toUTCString());
    if (!route) {
      const [status, json] = complain(`${request.method} ${request.url}`);
      return void response.writeHead(status).end(JSON.stringify(json));
    }
    exchanges.push(route.exchange);
    times.push(clock.now());
    if (route.exchange === 'look') looks.push(clock.now());
    const fault = faults.take(route.exchange, exchanges.length);
    const [status, json] = isBefore(fault)
      ? ([Number(fault), { detail: 'not now' }] as const)
      : act(request, body, route, here);
    sendFaulty(response, fault, status, JSON.stringify(json));
    divio.onExchange(route.exchange, exchanges.length);
  });

  const divio: FakeDivio = {
    ...{ url: server.url, host: server.host, token, world, complaints, exchanges, times, looks },
    seen: server.seen,
    fail: faults.fail,
    failAt: faults.failAt,
    onExchange: () => {},
    close: server.close,
  };
  return divio;
}

type Routed = (typeof routes)[number];

function misfit(
  { query = [], body: keys = {} }: Routed,
  here: URL,
  body: string,
  complain: (text: string) => Reply,
): Reply | undefined {
  const known = new Set(['page', ...query.map((name) => name.replace('!', ''))]);
  const strange = [...here.searchParams.keys()].find((name) => !known.has(name));
  if (strange) return complain(`query ${strange} at ${here.pathname}`);
  const missing = query.find(
    (name) => name.endsWith('!') && !here.searchParams.get(name.slice(0, -1)),
  );
  if (missing) return complain(`no ${missing} at ${here.pathname}`);
  if (Object.keys(keys).length === 0) return undefined;
  const sent = JSON.parse(body) as Record<string, unknown>;
  const kinds = Object.entries(sent).map(([name, value]) => `${name} ${typeof value}`);
  const wanted = Object.entries(keys).map(([name, kind]) => `${name} ${kind}`);
  return kinds.sort().join() === wanted.sort().join() ? undefined : complain(`body ${kinds}`);
}
