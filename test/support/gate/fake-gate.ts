import type { IncomingMessage, RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { createFaults, type Faulty, isBefore, sendFaulty } from '../faulty.ts';
import { type Loopback, serve, serveTls } from '../loopback.ts';
import { type Exchange, type Reply, refusal, routes } from './routes.ts';
import { misfit } from './strictness.ts';
import { type Course, createWorld, usual, type World } from './world.ts';

export type { Fault } from '../faulty.ts';
export type { Exchange } from './routes.ts';

export type Manners = {
  readonly clock?: Clock;
  /** How the nth execution goes. */
  readonly course?: Partial<Course> | ((nth: number) => Partial<Course>);
  /** Whom it lets in: by an API token, by a password, by a certificate, or everybody. */
  readonly signIn?: 'token' | 'password' | 'certificate' | 'nobody';
  /** What it answers to everybody else. */
  readonly stranger?: '401' | '403' | 'redirect' | 'redirect here' | 'page';
  /** Where Gate is on its host. */
  readonly below?: string;
  readonly tls?: ServerOptions;
  /** Changes what is answered: fields that are missing, null or have other names. */
  view?(exchange: Exchange, json: unknown): unknown;
};

export type FakeGate = Faulty<Exchange> & { readonly password: string; readonly world: World };

const user = 'ci@example.com';

/** A Gate on loopback with a Spinnaker behind it, and with every fault that a network has. */
export async function fakeGate(manners: Manners = {}): Promise<FakeGate> {
  const { clock = systemClock, course = {}, signIn = 'token', stranger = '401' } = manners;
  const { below = '' } = manners;
  const token = 'spk_4dc1f00dbaadcafe-of-the-fake';
  const password = 'pass-w0rd-of-the-fake';
  const courseOf = (nth: number): Course => ({
    ...usual,
    ...(typeof course === 'function' ? course(nth) : course),
  });
  const world = createWorld(clock, courseOf);
  const complaints: string[] = [];
  const exchanges: Exchange[] = [];
  const times: number[] = [];
  const looks: number[] = [];
  const faults = createFaults<Exchange>();

  const complain = (text: string): Reply => {
    complaints.push(text);
    return refusal(400, 'Bad Request', text);
  };

  function isKnown({ headers }: IncomingMessage): boolean {
    const { authorization, 'x-spinnaker-token': own } = headers;
    if (signIn === 'token') return own === token || authorization === `Bearer ${token}`;
    if (signIn !== 'password') return true;
    return authorization === `Basic ${Buffer.from(`ci:${password}`).toString('base64')}`;
  }

  const listen: RequestListener = async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const here = new URL(request.url ?? '', server.url);
    const path = here.pathname.startsWith(below) ? here.pathname.slice(below.length) : '';
    const route = routes.find((each) => each.method === request.method && each.path.test(path));
    response.setHeader('date', new Date(clock.now()).toUTCString());
    if (!route) {
      const [status, json] = complain(`${request.method} ${request.url}`);
      return void response.writeHead(status).end(JSON.stringify(json));
    }
    const { exchange } = route;
    exchanges.push(exchange);
    times.push(clock.now());
    if (exchange === 'look') looks.push(clock.now());
    const fault = faults.take(exchange, exchanges.length);
    const [status, json] = isBefore(fault) ? ([Number(fault), notNow[1]] as const) : act();
    const shown = manners.view && status < 300 ? manners.view(exchange, json) : json;
    if (status === 302) response.setHeader('location', String(json));
    if (status === 203) sendFaulty(response, 'html', 200, '');
    else sendFaulty(response, fault, status, shown === undefined ? '' : JSON.stringify(shown));
    gate.onExchange(exchange, exchanges.length);

    function act(): Reply {
      const known = isKnown(request);
      // Whoever asks who they are is told, signed in or not.
      if (!known && exchange !== 'user') return turnedAway();
      const no = route && misfit(request, route, here, body);
      if (no) return complain(no);
      world.settle();
      const match = route?.path.exec(path);
      const name = match?.at(-1) ?? '';
      const call = {
        query: here.searchParams,
        body: body ? JSON.parse(body) : undefined,
        name: decodeURIComponent(name),
        application: match?.groups?.application,
        user: known && signIn !== 'nobody' ? user : undefined,
      };
      return route?.act(world, call) ?? notNow;
    }
  };

  function turnedAway(): Reply {
    if (stranger === 'redirect') return [302, 'https://sso.example.com/login?state=s3cr3t'];
    if (stranger === 'redirect here') return [302, '/login'];
    if (stranger === 'page') return [203, ''];
    return refusal(Number(stranger), 'Unauthorized', 'Full authentication is required');
  }

  const server: Loopback = await (manners.tls ? serveTls(manners.tls, listen) : serve(listen));
  const gate: FakeGate = {
    ...{ url: server.url + below, host: server.host, token, password, world, complaints },
    ...{ exchanges, times, looks, seen: server.seen },
    fail: faults.fail,
    failAt: faults.failAt,
    onExchange: () => {},
    close: server.close,
  };
  return gate;
}

const notNow: Reply = refusal(503, 'Service Unavailable', 'not now');
