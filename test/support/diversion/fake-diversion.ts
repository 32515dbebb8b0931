import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Loopback, serve } from '../loopback.ts';
import { type Context, type Exchange, type Reply, route } from './routes.ts';
import { serveStorage } from './storage.ts';
import { bytesOf, createRepo, type FakeFile, type Files, type Repo } from './world.ts';

/** What goes wrong at one exchange. */
export type Fault =
  | 'cut'
  | 'half'
  | 'hang'
  | 'html'
  | 'wrong'
  | 'empty'
  | 'nowhere'
  | '400'
  | '401'
  | '403'
  | '404'
  | '429'
  | '500'
  | '503';

export type FakeDiversion = {
  readonly url: string;
  readonly authUrl: string;
  readonly host: string;
  readonly repo: Repo;
  /** What no well-mannered client sends. */
  readonly complaints: readonly string[];
  /** In the order in which they arrived. */
  readonly exchanges: readonly Exchange[];
  /** Workspaces that were deleted. */
  readonly deleted: ReadonlySet<string>;
  /** The most files that were fetched at one time. */
  peak(): number;
  /** Access tokens that were handed out are no longer good. */
  expire(): void;
  fail(exchange: Exchange, ...faults: readonly Fault[]): void;
  onFault: () => void;
  onPage: (skip: number) => void;
  close(): Promise<void>;
};

export type Options = {
  readonly token: string;
  /** Of the repository; `hello` by default. */
  readonly name?: string;
  readonly files?: Files;
  readonly digest?: Repo['digest'];
  /** Most items that it puts into a page, whatever it is asked for. */
  readonly perPage?: number;
  readonly tellsTotal?: boolean;
  readonly latencyMs?: number;
  /** Of an access token. */
  readonly expiresIn?: number;
};

export const clientId = 'j084768v4hd6j1pf8df4h4c47';
const json = { 'content-type': 'application/json' };

/** Diversion's API, its sign-in and the storage behind it: three servers on loopback, strict with whoever asks. */
export async function fakeDiversion(options: Options): Promise<FakeDiversion> {
  const { token, perPage = 10_000, tellsTotal = true, latencyMs = 0, expiresIn = 3600 } = options;
  const repo = createRepo(options.digest, options.name);
  if (options.files) repo.commit(options.files);
  const complaints: string[] = [];
  const exchanges: Exchange[] = [];
  const deleted = new Set<string>();
  const planned = new Map<Exchange, Fault[]>();
  let valid = new Set<string>();
  let issued = 0;
  const complain = (text: string): void => void complaints.push(text);

  /** Whether a fault took the place of the answer. */
  function spoil(exchange: Exchange, response: ServerResponse, bytes: Buffer): boolean {
    exchanges.push(exchange);
    const fault = planned.get(exchange)?.shift();
    if (!fault) return false;
    play(fault, response, bytes);
    fake.onFault();
    return true;
  }

  const late = async (): Promise<void> => {
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
  };
  const storage = await serveStorage({
    late,
    complain,
    spoil: (_request, response, bytes) => spoil('storage', response, bytes),
  });

  const auth: Loopback = await serve(async (request, response) => {
    const form = new URLSearchParams(await textOf(request));
    await late();
    const wanted = 'application/x-www-form-urlencoded';
    if (request.method !== 'POST' || request.url !== '/oauth2/token') complain(`no ${request.url}`);
    if (request.headers['content-type'] !== wanted) complain('the token is not sent as a form');
    if (request.headers.authorization) complain('the exchange is sent another credential');
    if (spoil('token', response, Buffer.from('{"error":"invalid_grant"}'))) return;
    const refuse = (error: string): void =>
      void response
        .writeHead(400, json)
        .end(JSON.stringify({ error, error_description: `${form}` }));
    if (form.get('client_id') !== clientId) return refuse('invalid_client');
    if (form.get('grant_type') !== 'refresh_token') return refuse('unsupported_grant_type');
    if (form.get('refresh_token') !== token) return refuse('invalid_grant');
    issued += 1;
    const access = `access-${issued}-9f8e7d6c5b4a`;
    valid.add(access);
    const body = { access_token: access, expires_in: expiresIn, token_type: 'Bearer' };
    response.writeHead(200, json).end(JSON.stringify(body));
  });

  const context: Context = {
    ...{ repo, perPage, tellsTotal, deleted, complain },
    link: (path, file) => storage.link(path, file).url,
    onPage: (skip) => fake.onPage(skip),
  };
  const api: Loopback = await serve(async (request, response) => {
    await late();
    const url = new URL(request.url ?? '/', 'http://x');
    const routed = route(request.method ?? '', url, context);
    complaints.push(...mannersOf(request, routed !== undefined));
    if (!routed) return void refuse(response, 404);
    if (spoil(routed.exchange, response, Buffer.from('{"object":"Repo","items":['))) return;
    if (!valid.has(request.headers.authorization?.replace('Bearer ', '') ?? ''))
      return void refuse(response, 401);
    answer(response, routed.reply);
  });

  const refuse = (response: ServerResponse, status: number, head: object = {}): void =>
    void response
      .writeHead(status, { 'content-type': 'application/problem+json', ...head })
      .end(JSON.stringify({ status, detail: `Not so: ${status}`, title: 'Error' }));

  function answer(response: ServerResponse, reply: Reply): void {
    if ('file' in reply) {
      handOut(response, reply.path, reply.file);
      return;
    }
    const { status, json: body } = reply;
    response.writeHead(status, json).end(body && JSON.stringify(body));
  }

  function handOut(response: ServerResponse, path: string, file: FakeFile): void {
    if (file.by === 'api') {
      const bytes = file.packed ? gzipSync(bytesOf(file)) : bytesOf(file);
      return void response
        .writeHead(200, { 'content-type': 'application/octet-stream' })
        .end(bytes);
    }
    const { url, range } = storage.link(path, file);
    const head = { location: url, ...(range ? { 'internal-source-range': range } : {}) };
    response.writeHead(file.by === '302' ? 302 : 204, head).end();
  }

  function play(fault: Fault, response: ServerResponse, bytes: Buffer): void {
    const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
    if (fault === 'hang') return;
    if (fault === 'cut') response.socket?.destroy();
    else if (fault === 'half') {
      response.writeHead(200, { 'content-length': bytes.length + 1 });
      response.write(half, () => response.destroy());
    } else if (fault === 'html') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
    } else if (fault === 'wrong') response.writeHead(200).end(bytes.map((byte) => byte ^ 1));
    else if (fault === 'empty') response.writeHead(200).end();
    else if (fault === 'nowhere') response.writeHead(204).end();
    else refuse(response, Number(fault), fault === '429' ? { 'retry-after': '7' } : {});
  }

  const fake: FakeDiversion = {
    ...{ url: `${api.url}/v0`, authUrl: auth.url, host: api.host },
    ...{ repo, complaints, exchanges, deleted },
    peak: storage.peak,
    expire: () => {
      valid = new Set();
    },
    fail(exchange, ...faults) {
      planned.set(exchange, [...(planned.get(exchange) ?? []), ...faults]);
    },
    onFault: () => {},
    onPage: () => {},
    close: async () => {
      await Promise.all([api, auth, storage].map((server) => server.close()));
    },
  };
  return fake;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function mannersOf(request: IncomingMessage, isRoute: boolean): readonly string[] {
  const { method, url, headers } = request;
  return [
    ...(isRoute ? [] : [`${method} ${url} is no route`]),
    ...(headers['content-length'] ? ['a read has a body'] : []),
    ...(headers['user-agent']?.startsWith('slipway/') ? [] : ['nobody says who asks']),
    ...(headers.authorization?.startsWith('Bearer access-') ? [] : [`${url} is asked by nobody`]),
    ...(headers.cookie ? ['a cookie has no place here'] : []),
  ];
}
