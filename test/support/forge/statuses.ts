import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createFaults, type Fault, isBefore, sendFaulty } from '../faulty.ts';
import { history, resolveRef } from '../github/git.ts';
import { addRepo, createWorld, type RepoSetup } from '../github/world.ts';
import { type Loopback, serve } from '../loopback.ts';

/** A commit status as it was posted. */
export type Row = {
  readonly id: number;
  readonly sha: string;
  /** By which a later one takes the place of this. */
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly link: string | undefined;
  /** What keeps statuses of one context apart: GitLab's pipeline. */
  readonly group?: number;
  /** ms since the epoch. */
  readonly at: number;
  /** The body, for what is peculiar to one forge. */
  readonly body: Readonly<Record<string, unknown>>;
};
export type Posted = Pick<Row, 'sha' | 'context' | 'state' | 'description' | 'link' | 'group'>;

/** What a request asks of a forge. */
export type Asked =
  | { readonly post: Posted }
  | { readonly list: string; readonly page?: number }
  | { readonly commits: string }
  | { readonly other: Told }
  /** The connection breaks, whatever was done. */
  | { readonly cut: true };
export type Told = { readonly status: number; readonly body?: unknown };

export const told = (body: unknown): Told => ({ status: 200, body });

export type Request = {
  readonly method: string;
  readonly url: URL;
  readonly body: Readonly<Record<string, unknown>>;
};

/** What is peculiar to one forge. */
export type Dialect = {
  /** The one header that carries the credential, and what it must be. */
  readonly credential: readonly [name: string, value: string];
  /** A text is a complaint: no client that knows the forge sends such a thing. */
  read(request: Request, here: string): Asked | string;
  /** Statuses of one commit, oldest first, as the forge lists them. */
  listed(rows: readonly Row[], page: number, here: string): Told;
  commits(shas: readonly string[]): Told;
  /** Before a status is taken; an answer is a refusal. */
  judge?(posted: Posted, rows: readonly Row[]): Told | undefined;
  posted(row: Row): Told;
  refusal(status: number, why: string): unknown;
};

/** A key has one status, which a later one replaces. */
export const latestOf = (rows: readonly Row[]): readonly Row[] => [
  ...new Map(rows.map((row) => [row.context, row])).values(),
];

export type Setting = {
  readonly setup: RepoSetup;
  readonly now: () => number;
  /** Before every answer. */
  readonly latencyMs?: number;
};

/** What goes wrong at the next post. */
export type Spoil =
  | 'lost before'
  | 'lost after'
  | 'refused credential'
  | 'under maintenance'
  | Told;

export type StatusForge = {
  readonly url: string;
  readonly host: string;
  /** What no well-mannered client sends. */
  readonly complaints: readonly string[];
  /** METHOD path of every request. */
  readonly requests: readonly string[];
  /** Every status that was taken, oldest first, those that a later one replaced included. */
  readonly taken: readonly Row[];
  spoil(how: Spoil): void;
  /** The nth request of all goes wrong. */
  failAt(nth: number, fault: Fault): void;
  /** Called when the nth request of all has been dealt with, and is about to be answered. */
  onExchange: (nth: number) => void;
  close(): Promise<void>;
};

const carriers = ['authorization', 'private-token', 'job-token', 'cookie', 'x-api-key'];

/** A forge that keeps commit statuses: real HTTP on loopback, strict with whoever asks. */
export async function serveStatuses(
  dialect: Dialect,
  { setup, now, latencyMs = 0 }: Setting,
): Promise<StatusForge> {
  const complaints: string[] = [];
  const requests: string[] = [];
  const taken: Row[] = [];
  const spoiled: Spoil[] = [];
  const faults = createFaults<'any'>();
  let count = 0;
  const git = addRepo(createWorld(now), 'a/repository', setup);

  const refusal = (status: number, why: string): Told => ({
    status,
    body: dialect.refusal(status, why),
  });

  function take(request: Request, posted: Posted): Row {
    const row = { id: taken.length + 1, at: now(), body: request.body, ...posted };
    taken.push(row);
    return row;
  }

  function toldOf(request: Request, asked: Asked): Told | undefined {
    if ('cut' in asked) return undefined;
    if ('other' in asked) return asked.other;
    if ('commits' in asked) {
      const sha = resolveRef(git, asked.commits);
      if (!sha) return refusal(404, 'no such ref');
      return dialect.commits(history(git, sha).map((each) => each.sha));
    }
    const sha = 'post' in asked ? asked.post.sha : asked.list;
    if (!git.commits.has(sha)) return refusal(404, 'no such commit');
    const rows = taken.filter((row) => row.sha === sha);
    if ('post' in asked) {
      return dialect.judge?.(asked.post, rows) ?? dialect.posted(take(request, asked.post));
    }
    return dialect.listed(rows, asked.page ?? 1, main.url);
  }

  /** undefined: nobody hears anything. */
  function spoiledOf(request: Request, posted: Posted, spoil: Spoil): Told | undefined {
    if (typeof spoil === 'object') return spoil;
    if (spoil === 'refused credential') return refusal(401, 'who are you?');
    if (spoil === 'under maintenance') return told({ state: 'under maintenance' });
    if (spoil === 'lost after') take(request, posted);
    return undefined;
  }

  async function answerTo(message: IncomingMessage): Promise<Told | undefined> {
    const { method = '', headers } = message;
    const sent = await text(message);
    const url = new URL(message.url ?? '/', main.url);
    requests.push(`${method} ${url.pathname}`);
    const request = { method, url, body: sent ? JSON.parse(sent) : {} };
    const asked = dialect.read(request, main.url);
    complaints.push(...faultsOf(message, sent, dialect));
    if (typeof asked === 'string') {
      complaints.push(`${method} ${url.pathname}${url.search}: ${asked}`);
      return refusal(400, asked);
    }
    const [name, value] = dialect.credential;
    if (headers[name] !== value) return refusal(401, 'who are you?');
    const spoil = 'post' in asked ? spoiled.shift() : undefined;
    return spoil && 'post' in asked
      ? spoiledOf(request, asked.post, spoil)
      : toldOf(request, asked);
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    count += 1;
    const nth = count;
    const fault = faults.take('any', nth);
    const refused = isBefore(fault) ? refusal(Number(fault) || 200, fault) : undefined;
    const told = refused ?? (await answerTo(message));
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    forge.onExchange(nth);
    if (!told) {
      message.socket.destroy();
      return;
    }
    response.setHeader('date', new Date(now()).toUTCString());
    const body = told.body === undefined ? '' : JSON.stringify(told.body);
    sendFaulty(response, fault, told.status, body);
  }

  const main: Loopback = await serve((message, response) => void answer(message, response));
  const forge: StatusForge = {
    ...{ url: main.url, host: main.host, complaints, requests, taken },
    spoil: (how) => void spoiled.push(how),
    failAt: faults.failAt,
    onExchange: () => {},
    close: main.close,
  };
  return forge;
}

function faultsOf(
  { method = '', url, headers }: IncomingMessage,
  sent: string,
  { credential }: Dialect,
): readonly string[] {
  const faults: string[] = [];
  const says = (fault: string) => void faults.push(`${method} ${url}: ${fault}`);
  const isRead = method === 'GET';
  if (isRead && sent) says('a read has a body');
  if (!isRead && headers['content-type'] !== 'application/json')
    says('a body is not said to be JSON');
  if (headers.accept !== 'application/json') says('JSON is not asked for');
  if (!headers['user-agent']?.startsWith('slipway/')) says('nobody says who asks');
  for (const name of carriers) {
    if (headers[name] !== undefined && name !== credential[0]) says(`${name} has no place here`);
  }
  return faults;
}
