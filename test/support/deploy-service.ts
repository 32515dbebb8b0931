import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createFaults, type Faulty, isBefore, sendFaulty } from './faulty.ts';
import { type Loopback, serve } from './loopback.ts';

export type Exchange = 'create' | 'look' | 'cancel';

export type Run = {
  readonly id: string;
  readonly key: string;
  readonly order: Readonly<Record<string, unknown>>;
  status: string;
  /** Words still to come, one a look. */
  readonly script: string[];
  reasons: string[];
};

export type DeployService = Omit<Faulty<Exchange>, 'token' | 'times' | 'looks'> & {
  readonly runs: readonly Run[];
};

export type Manners = {
  readonly token?: string;
  readonly secret?: string;
  /** States of a run, one a look; the last one stays. */
  readonly script?: readonly string[] | ((order: Run['order']) => readonly string[]);
  readonly cancel?: 'works' | 'ignored' | 'none';
  /** Takes any JSON, as a service that is not ours does. */
  readonly foreign?: true;
  /** Added to every run object. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Where the service says that it can be reached. */
  readonly publicUrl?: string;
};

const orderKeys: Readonly<Record<string, 'string' | 'object'>> = {
  repo: 'string',
  environment: 'string',
  commit: 'string',
  ref: 'string',
  deployment_id: 'string',
  task: 'string',
  description: 'string',
  payload: 'object',
};
const ends = ['SUCCESS', 'FAILURE', 'ERROR', 'TIMED_OUT', 'CANCELED', 'SUPERSEDED', 'REFUSED'];
export const isOver = (run: Run): boolean => ends.includes(run.status);

/** A service with the API and the manners of our own server, and with every fault that a network has. */
export async function startDeployService(manners: Manners = {}): Promise<DeployService> {
  const { token, secret, script = ['QUEUED', 'IN_PROGRESS', 'SUCCESS'] } = manners;
  const runs: Run[] = [];
  const byKey = new Map<string, Run>();
  const byId = new Map<string, Run>();
  const bodies = new Map<string, string>();
  const complaints: string[] = [];
  const exchanges: Exchange[] = [];
  const { fail, failAt, take } = createFaults<Exchange>();

  type Reply = readonly [status: number, json: unknown, headers?: Record<string, string>];
  const complain = (text: string): Reply => {
    complaints.push(text);
    return [400, { error: 'bad_request', message: text }];
  };
  const show = (run: Run): unknown => {
    const base = manners.publicUrl ?? server.url;
    const address = `${base}/v1/runs/${run.id}`;
    const links = { status_url: address, html_url: `${base}/runs/${run.id}` };
    const cancel_url = manners.cancel === 'none' ? null : `${address}/cancel`;
    const { id, status, order } = run;
    const over = isOver(run) ? '2026-11-21T10:00:09Z' : null;
    const times = { created_at: '2026-11-21T10:00:00Z', started_at: null, ended_at: over };
    const text = { progress: `${status.toLowerCase()} …`, description: `run ${id} is ${status}` };
    const where = { deployment: 'hello', environment_url: 'https://hello.example.com/' };
    const who = { actor: 'octo', source: 'api', outputs: { release: `R${id}`, outcome: 'x' } };
    return {
      ...order,
      id,
      status,
      ...times,
      ...text,
      ...where,
      ...who,
      ...links,
      cancel_url,
      ...manners.extra,
    };
  };

  function create(request: IncomingMessage, body: string): Reply {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !/^[\w.-]{8,120}$/.test(key)) return complain(`key ${key}`);
    let order: Record<string, unknown>;
    try {
      order = JSON.parse(body);
    } catch {
      return complain(`body ${body}`);
    }
    const strange = Object.entries(order).find(([name, value]) => typeof value !== orderKeys[name]);
    if (strange && !manners.foreign) return complain(`order key ${strange[0]}`);
    const hash = createHash('sha256').update(body).digest('hex');
    const known = byKey.get(key);
    if (known && !manners.foreign) {
      if (bodies.get(key) === hash) return [200, show(known)];
      return [422, { error: 'key_reused', message: 'the key came with another body' }];
    }
    const states = [...(typeof script === 'function' ? script(order) : script)];
    const status = states.shift() ?? 'QUEUED';
    const run = { id: String(runs.length + 1), key, order, status, script: states, reasons: [] };
    runs.push(run);
    byKey.set(key, run);
    byId.set(run.id, run);
    bodies.set(key, hash);
    return [202, show(run), { location: `/v1/runs/${run.id}` }];
  }

  function look(run: Run): Reply {
    if (!isOver(run)) run.status = run.script.shift() ?? run.status;
    return [200, show(run)];
  }

  function cancel(run: Run, body: string): Reply {
    const { reason } = JSON.parse(body) as { reason?: unknown };
    if (typeof reason !== 'string') return complain('cancel without a reason');
    run.reasons.push(reason);
    // It takes a moment, as it does in life.
    if (!isOver(run) && manners.cancel !== 'ignored' && run.reasons.length === 1) {
      run.script.splice(0, run.script.length, run.status, 'CANCELED');
    }
    return [200, show(run)];
  }

  function unwelcome(request: IncomingMessage, body: string): Reply | undefined {
    const { authorization, 'content-type': type, 'user-agent': agent = '' } = request.headers;
    if (!/^slipway\/\d/.test(agent)) return complain(`user-agent ${agent}`);
    if (token !== undefined && authorization !== `Bearer ${token}`) {
      return [401, { error: 'unauthorized', message: 'no such token' }];
    }
    if (request.method === 'GET') return body === '' ? undefined : complain('GET with a body');
    if (type !== 'application/json') return complain(`content-type ${type}`);
    if (secret === undefined) return undefined;
    const good = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return request.headers['x-hub-signature-256'] === good ? undefined : complain('signature');
  }

  function act(request: IncomingMessage, body: string, exchange: Exchange): Reply {
    const no = unwelcome(request, body);
    if (no) return no;
    if (exchange === 'create') return create(request, body);
    const id = /^\/v1\/runs\/([^/]+)/.exec(request.url ?? '')?.[1];
    const run = byId.get(id ?? '');
    if (!run) return [404, { error: 'not_found', message: 'no such run' }];
    return exchange === 'look' ? look(run) : cancel(run, body);
  }

  const server: Loopback = await serve(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const exchange = exchangeOf(request);
    if (!exchange) {
      const [status, json] = complain(`${request.method} ${request.url}`);
      return void response.writeHead(status).end(JSON.stringify(json));
    }
    exchanges.push(exchange);
    const fault = take(exchange, exchanges.length);
    const [status, json, headers] = isBefore(fault)
      ? ([Number(fault), { error: 'fault', message: 'not now' }] as const)
      : act(request, body, exchange);
    sendFaulty(response, fault, status, JSON.stringify(json), headers);
    service.onExchange(exchange, exchanges.length);
  });
  const service: DeployService = {
    url: `${server.url}/v1/runs`,
    host: server.host,
    ...{ runs, complaints, exchanges, seen: server.seen, fail, failAt },
    onExchange: () => {},
    close: server.close,
  };
  return service;
}

function exchangeOf({ method, url = '' }: IncomingMessage): Exchange | undefined {
  const is = (verb: string, path: RegExp): boolean => method === verb && path.test(url);
  if (is('POST', /^\/v1\/runs$/)) return 'create';
  if (is('GET', /^\/v1\/runs\/[^/]+$/)) return 'look';
  return is('POST', /^\/v1\/runs\/[^/]+\/cancel$/) ? 'cancel' : undefined;
}
