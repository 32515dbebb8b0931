import type { IncomingMessage, ServerResponse } from 'node:http';
import { addRepo, createWorld, type Repo, type RepoSetup } from '../github/world.ts';
import { type Loopback, serve } from '../loopback.ts';

/** What goes wrong at one exchange. */
export type Fault =
  | 'cut'
  | 'half'
  | 'hang'
  | 'html'
  | 'damaged'
  | 'elsewhere'
  | '401'
  | '403'
  | '404'
  | '429'
  | '500'
  | '503';
export type Exchange = 'archive' | 'commit' | 'facts';

export type Asked = {
  readonly exchange: Exchange;
  readonly commit: string | undefined;
  /** Of a question about branches, tags and commits. */
  readonly told?: Told;
};

/** What a forge says of branches, tags and commits. */
export type Told = { readonly status: number; readonly body?: unknown };
export const told = (body: unknown): Told => (body === undefined ? unknown : { status: 200, body });
export const unknown: Told = { status: 404 };

/** What is peculiar to one forge. */
export type Dialect = {
  /** What a request asks for; undefined: no such route. */
  read(url: URL): Asked | undefined;
  /** The same for questions about branches, tags and commits. */
  tell?(url: URL, git: Repo, here: string): Told | undefined;
  /** The one header that carries the credential, and what it must be; undefined: nobody signs in. */
  readonly credential: readonly [name: string, value: string] | undefined;
  /** Body of a refusal. */
  refusal(status: number): string;
  /** What is shown of a commit. */
  shown(commit: string): object;
};

export type Forge = {
  readonly url: string;
  readonly host: string;
  /** What no well-mannered client sends. */
  readonly complaints: readonly string[];
  /** Exchanges in the order in which they arrived. */
  readonly exchanges: readonly Exchange[];
  /** What it knows of branches, tags and commits; a new one takes the place of the old. */
  git(setup: RepoSetup): Repo;
  /** The archive of a commit. */
  put(commit: string, archive: Uint8Array): void;
  /** The next requests of this exchange go wrong, one fault each. */
  fail(exchange: Exchange, ...faults: readonly Fault[]): void;
  /** Called when a fault has been played. */
  onFault: () => void;
  close(): Promise<void>;
};

const credentials = ['authorization', 'private-token', 'job-token', 'cookie', 'x-api-key'];
const type = { json: 'application/json', gzip: 'application/gzip', html: 'text/html' };

/** A forge that has the commits it was given: real HTTP on loopback, strict with whoever asks. */
export async function serveForge(dialect: Dialect): Promise<Forge> {
  const complaints: string[] = [];
  const exchanges: Exchange[] = [];
  const archives = new Map<string, Uint8Array>();
  const planned = { archive: [] as Fault[], commit: [] as Fault[], facts: [] as Fault[] };
  let git = addRepo(
    createWorld(() => 0),
    'a/repository',
    {},
  );
  const storage = await serve((request, response) => {
    for (const name of credentials) {
      if (request.headers[name]) complaints.push(`the storage was sent ${name}`);
    }
    const commit = new URL(request.url ?? '/', 'http://x').searchParams.get('of') ?? '';
    response.writeHead(200, { 'content-type': type.gzip }).end(archives.get(commit));
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://x');
    const said = dialect.tell?.(url, git, main.url);
    const asked = said
      ? { exchange: 'facts' as const, commit: undefined, told: said }
      : dialect.read(url);
    complaints.push(...faultsOf(request, asked, dialect));
    if (!asked) {
      refuse(response, 404);
      return;
    }
    exchanges.push(asked.exchange);
    const fault = planned[asked.exchange].shift();
    if (fault) {
      play(fault, asked, response);
      forge.onFault();
    } else serveAsked(request, response, asked);
  }

  function serveAsked(request: IncomingMessage, response: ServerResponse, asked: Asked): void {
    const known = asked.commit ?? [...archives.keys()].at(-1) ?? '';
    const archive = archives.get(known);
    if (!admitted(request, dialect)) refuse(response, 401);
    else if (asked.told && asked.told.status !== 200) refuse(response, asked.told.status);
    else if (asked.told) {
      const body = JSON.stringify(asked.told.body);
      response.writeHead(200, { 'content-type': type.json }).end(body);
    } else if (!archive) refuse(response, 404);
    else if (asked.exchange === 'commit') {
      const shown = JSON.stringify(dialect.shown(known));
      response.writeHead(200, { 'content-type': type.json }).end(shown);
    } else response.writeHead(200, { 'content-type': type.gzip }).end(archive);
  }

  const refuse = (response: ServerResponse, status: number, headers: object = {}): void =>
    void response
      .writeHead(status, { 'content-type': type.json, ...headers })
      .end(dialect.refusal(status));

  function play(fault: Fault, { commit = '' }: Asked, response: ServerResponse): void {
    const archive = archives.get(commit) ?? Buffer.alloc(0);
    const half = archive.subarray(0, archive.length / 2);
    const head = { 'content-type': type.gzip, 'content-length': archive.length };
    if (fault === 'hang') return;
    if (fault === 'cut') response.socket?.destroy();
    else if (fault === 'half') response.writeHead(200, head).write(half, () => response.destroy());
    else if (fault === 'damaged') response.writeHead(200, { 'content-type': type.gzip }).end(half);
    else if (fault === 'html') {
      response.writeHead(200, { 'content-type': type.html }).end('<html>Log in</html>');
    } else if (fault === 'elsewhere') {
      const location = `${storage.url.replace('127.0.0.1', 'localhost')}/?of=${commit}&sig=x`;
      response.writeHead(302, { location }).end();
    } else refuse(response, Number(fault), fault === '429' ? { 'retry-after': '7' } : {});
  }

  const main: Loopback = await serve(answer);
  const forge: Forge = {
    ...{ url: main.url, host: main.host, complaints, exchanges },
    git: (setup) => {
      git = addRepo(
        createWorld(() => 0),
        'a/repository',
        setup,
      );
      return git;
    },
    put: (commit, archive) => void archives.set(commit, archive),
    fail: (exchange, ...faults) => void planned[exchange].push(...faults),
    onFault: () => {},
    close: async () => {
      await Promise.all([main.close(), storage.close()]);
    },
  };
  return forge;
}

function faultsOf(
  request: IncomingMessage,
  asked: Asked | undefined,
  { credential }: Dialect,
): readonly string[] {
  const { method, url, headers } = request;
  const faults = asked ? [] : [`${method} ${url} is no route`];
  if (method !== 'GET') faults.push(`${method} ${url} is no read`);
  if (headers['content-length'] ?? headers['transfer-encoding']) faults.push('a read has a body');
  if (!headers['user-agent']?.startsWith('slipway/')) faults.push('nobody says who asks');
  if (asked && asked.exchange !== 'archive' && headers.accept !== type.json)
    faults.push('JSON is not asked for');
  for (const name of credentials) {
    const value = headers[name];
    if (value !== undefined && name !== credential?.[0]) faults.push(`${name} has no place here`);
  }
  return faults;
}

const admitted = ({ headers }: IncomingMessage, { credential }: Dialect): boolean =>
  !credential || headers[credential[0]] === credential[1];
