import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Loopback, serve } from '../loopback.ts';
import { act, type Reply } from './acts.ts';
import { type Exchange, type Fault, type Manners, marker } from './manners.ts';
import { type Route, routeOf } from './routes.ts';
import { shakeHands, type Talk } from './socket.ts';
import { type Asked, complaintOf, complaintOfSocket } from './strictness.ts';
import { createWorld, type World } from './world.ts';

export const password = 'pw-4dc1f00dbaadcafe0123456789abcdef';

export type FakeRack = {
  readonly url: string;
  readonly host: string;
  /** With user and password, as RACK_URL has them. */
  readonly rackUrl: string;
  readonly world: World;
  /** What no well-mannered client sends. */
  readonly complaints: string[];
  /** Exchanges in the order in which they arrived. */
  readonly seen: Exchange[];
  readonly heads: IncomingMessage[];
  /** The next requests of this exchange go wrong, one fault each. */
  fail(exchange: Exchange, ...faults: readonly Fault[]): void;
  /** The nth request of all goes wrong. */
  failAt(nth: number, fault: Fault): void;
  /** Every request of this exchange is refused in these words. */
  refuse: readonly [Exchange, number, string] | undefined;
  /** Called when a request has been dealt with, or has been left hanging. */
  onExchange: (exchange: Exchange, count: number) => void;
  close(): Promise<void>;
};

type Start = (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) => Promise<Loopback>;

/** A rack with the API and the measured manners of the vendor's, and with every fault that a network has. */
export async function startRack(manners: Manners = {}, start: Start = serve): Promise<FakeRack> {
  const world = createWorld(manners.app ?? 'app1');
  const complaints: string[] = [];
  const seen: Exchange[] = [];
  const heads: IncomingMessage[] = [];
  const faults = new Map<Exchange, Fault[]>();
  const nth = new Map<number, Fault>();
  const connections = new Map<string, number>();
  const user = manners.user ?? 'convox';
  const secret = manners.password ?? password;
  const basic = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  const isThree = /^\d{1,2}\./.test(manners.version ?? '3.24.6');
  let session: string | undefined;

  const complain = (text: string): Reply => {
    complaints.push(text);
    return [400, `complaint: ${text}`];
  };
  function note(exchange: Exchange, request: IncomingMessage): Fault | undefined {
    seen.push(exchange);
    heads.push(request);
    return faults.get(exchange)?.shift() ?? nth.get(seen.length);
  }

  /** Who is asking, and may they? */
  function refusalOf(route: Route, { headers }: IncomingMessage): Reply | undefined {
    if (headers.authorization !== basic) {
      return [401, 'invalid authentication', { 'www-authenticate': 'Basic realm="convox"' }];
    }
    if (manners.session && route.exchange !== 'session' && headers.session !== session) {
      const token = manners.session === 'hardware';
      return [401, 'session', { 'www-authenticate': `Session path="/session" token="${token}"` }];
    }
    if (manners.racks && !['racks', 'session'].includes(route.exchange)) {
      const name = String(headers.rack);
      if (!manners.racks.includes(name)) return complain(`rack ${name} of ${route.exchange}`);
    }
    return manners.forbidden?.includes(route.exchange)
      ? [403, 'you are unauthorized to access this']
      : undefined;
  }

  function answer(route: Route, asked: Asked): Reply {
    const refusal = refusalOf(route, asked.request);
    if (refusal) return refusal;
    const complaint = complaintOf(asked, manners);
    if (complaint) return complain(complaint);
    if (rack.refuse?.[0] === route.exchange) return [rack.refuse[1], rack.refuse[2]];
    if (route.exchange === 'session') {
      session = 'session-1';
      return [200, { id: session }];
    }
    return act(route, asked, world, manners);
  }

  const server = await start(async (request, response) => {
    const route = routeOf(request, manners);
    const isKept = !manners.forgets || route?.exchange !== 'upload';
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of request) {
        bytes += part.length;
        if (isKept) parts.push(part as Buffer);
      }
    } catch {
      return;
    }
    const body = Buffer.concat(parts);
    if (!route) {
      // The vendor's router: nothing but a status.
      if (!/\/(?:racks|machines)$/.test(request.url ?? ''))
        complain(`${request.method} ${request.url}`);
      return void response.writeHead(404).end();
    }
    const { exchange } = route;
    const fault = note(exchange, request);
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
    const form = isForm ? Object.fromEntries(new URLSearchParams(body.toString())) : {};
    const asked = { exchange, request, body, bytes, form };
    const isHeard = !fault || fault.endsWith('after');
    const [status, said, headers] = isHeard
      ? answer(route, asked)
      : ([Number(fault), 'not now', waitOf(fault, manners)] as const);
    const ms = manners.late?.[exchange];
    if (ms) await pause(ms);
    send(response, fault, status, said, isThree, headers);
    rack.onExchange(exchange, seen.length);
  });

  server.onUpgrade((request: IncomingMessage, socket: Socket) => {
    const complaint = complaintOfSocket(request);
    const route = routeOf(request, manners);
    if (complaint || !route) {
      complain(complaint ?? `socket ${request.url}`);
      return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    }
    const fault = note(route.exchange, request);
    if (fault?.startsWith('hang')) return;
    if (fault === 'cut') return void socket.destroy();
    const talk = shakeHands(request, socket);
    if (fault) return void socket.destroy();
    // Even a wrong password is told only now.
    const refusal = refusalOf(route, request);
    void (refusal ? refuse(talk, String(refusal[1])) : converse(talk, route, request)).then(() =>
      rack.onExchange(route.exchange, seen.length),
    );
  });

  async function refuse(talk: Talk, text: string): Promise<void> {
    await talk.say(`ERROR: ${text}\n`);
    await talk.eof();
  }

  async function converse(talk: Talk, route: Route, request: IncomingMessage): Promise<void> {
    const { headers } = request;
    if (route.exchange === 'app logs') {
      if (headers.prefix !== 'true' || headers.since !== '5s') complain('headers of the app log');
      return manners.tellApp?.(talk, world);
    }
    if (route.exchange === 'exec') return runCommand(talk, route, headers);
    const build = world.builds.find(({ id }) => id === route.id);
    if (!build) return refuse(talk, `unable to read logs for build: ${route.id}`);
    const count = (connections.get(build.id) ?? 0) + 1;
    connections.set(build.id, count);
    if (manners.tell) return manners.tell(talk, count, build);
    await talk.say((manners.log ?? ['line1', 'line2']).map((line) => `${line}\n`).join(''));
    if (!['created', 'running'].includes(build.script[0] ?? build.status)) await talk.eof();
  }

  async function runCommand(
    talk: Talk,
    route: Route,
    headers: IncomingMessage['headers'],
  ): Promise<void> {
    const process = world.processes.find(({ id }) => id === route.id);
    if (process?.status !== 'running') return refuse(talk, `process not found: ${route.id}`);
    if (headers.entrypoint !== 'true' || headers.tty !== 'false') complain('headers of exec');
    const command = String(headers.command);
    const input = await talk.heard();
    if (!input.equals(Buffer.from([2]))) complain(`input ${input.toString('hex')}`);
    world.ran.push(command);
    if (manners.exec) return manners.exec(talk, command);
    await talk.say('migrated\n');
    await talk.say(`${marker}0\n`);
    await talk.eof();
  }

  const at = manners.prefix ?? '';
  const rack: FakeRack = {
    url: server.url + at,
    host: server.host,
    rackUrl: `${server.url.replace('//', `//${user}:${encodeURIComponent(secret)}@`)}${at}`,
    world,
    complaints,
    seen,
    heads,
    fail: (exchange, ...more) =>
      void faults.set(exchange, [...(faults.get(exchange) ?? []), ...more]),
    failAt: (count, fault) => void nth.set(count, fault),
    refuse: undefined,
    onExchange: () => {},
    close: server.close,
  };
  return rack;
}

const waitOf = (fault: Fault, { retryAfter }: Manners): Readonly<Record<string, string>> =>
  fault === '429' && retryAfter ? { 'retry-after': retryAfter } : {};

/** Text, or JSON where a rack of version 3 is asked for it; success in JSON is indented. */
function send(
  response: ServerResponse,
  fault: Fault | undefined,
  status: number,
  said: unknown,
  isThree: boolean,
  more: Readonly<Record<string, string>> = {},
): void {
  const isError = status > 399;
  const json = isError && isThree ? { error: said } : said;
  const isText = typeof json === 'string';
  const body = isText ? (json === '' ? '' : `${json}\n`) : `${JSON.stringify(json, null, 2)}\n`;
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
  const headers = { 'content-type': type, 'request-id': '0123456789ab', ...more };
  if (fault?.startsWith('cut')) response.destroy();
  else if (fault?.startsWith('hang')) return;
  else if (fault?.startsWith('html')) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  } else if (fault === '502 after') {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
  } else if (fault === 'half after') {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  } else response.writeHead(fault === '500 after' ? 500 : status, headers).end(body);
}
