import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Answer, Exchange, Http } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import { createRemoteClock } from '../../http/remote-clock.ts';
import { isObject } from '../../settings/rules.ts';
import { explained } from './explain.ts';

export type Query = Readonly<Record<string, string>>;

/** Divio's API as JSON. The token stays in here. */
export interface Client {
  readonly host: string;
  get(path: string, signal: AbortSignal, query?: Query): Promise<unknown>;
  /** Every item of a list, page after page, until there is none or `enough` of a page says so. */
  list(
    path: string,
    query: Query,
    signal: AbortSignal,
    enough?: (items: readonly unknown[]) => boolean,
  ): Promise<readonly unknown[]>;
  /** `secret`: the answer to a refusal may quote what was sent, and is not shown. */
  send(
    method: 'POST' | 'PATCH',
    path: string,
    body: unknown,
    how: { readonly repeat: 'once' | 'safe'; readonly secret?: true },
    signal: AbortSignal,
  ): Promise<unknown>;
  /** Divio's own time, as its answers tell it: its timestamps are compared with this. */
  now(): number;
}

export type ClientDeps = { readonly http: Http; readonly clock: Clock };

const mostPages = 50;
/** A page of a proxy is most often gone at the next try. */
const mostPagesOfHtml = 2;

export function createClient(base: string, token: string, { http, clock }: ClientDeps): Client {
  const { origin, pathname } = new URL(base);
  const root = origin + pathname.replace(/\/+$/, '');
  const headers = { accept: 'application/json', authorization: `Token ${token}` };
  const time = createRemoteClock(clock);
  let isHeard = false;

  async function exchange(call: Omit<Exchange, 'headers'>, secret = false): Promise<Answer> {
    const type = call.body === undefined ? {} : { 'content-type': 'application/json' };
    try {
      const answer = await http.request({ ...call, headers: { ...headers, ...type } });
      isHeard = true;
      time.hear(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      isHeard ||= error.status !== undefined;
      throw explained(error, { token, secret, isHeard });
    }
  }

  async function read(url: string, signal: AbortSignal): Promise<unknown> {
    const subject = `GET ${new URL(url).host}${new URL(url).pathname}`;
    for (let tries = 0; ; tries += 1) {
      const answer = await exchange({ method: 'GET', url, signal });
      try {
        return jsonOf(answer, subject);
      } catch (error) {
        if (tries === mostPagesOfHtml || signal.aborted) throw error;
        await clock.pause(1000 * 2 ** tries, signal);
      }
    }
  }

  const address = (path: string, query: Query = {}): string => {
    const search = new URLSearchParams(query).toString();
    return `${root}${path}${search ? `?${search}` : ''}`;
  };

  return {
    host: new URL(root).host,
    get: (path, signal, query) => read(address(path, query), signal),
    async list(path, query, signal, enough = () => false) {
      const items: unknown[] = [];
      let next: string | undefined = address(path, query);
      for (let pages = 0; next !== undefined && pages < mostPages; pages += 1) {
        const page = await read(next, signal);
        const results = isObject(page) ? page.results : page;
        if (!Array.isArray(results)) throw strange(`GET ${new URL(next).host}${path}`, 'a list');
        items.push(...results);
        next = enough(results) ? undefined : nextOf(page, next);
      }
      return items;
    },
    async send(method, path, body, { repeat, secret }, signal) {
      const url = address(path);
      const call = { method, url, body: JSON.stringify(body), repeat, signal };
      const answer = await exchange(call, secret ?? false);
      try {
        return jsonOf(answer, `${method} ${new URL(url).host}${path}`);
      } catch (error) {
        // A page in between: whoever wrote it, what was sent may have been done.
        const { message, kind, status } = error as RemoteError;
        throw new RemoteError(message, { kind, unknown: true, ...(status ? { status } : {}) });
      }
    },
    now: time.now,
  };
}

/** The token goes to no other origin, whatever a page says comes next. */
function nextOf(page: unknown, here: string): string | undefined {
  const next = isObject(page) ? page.next : undefined;
  if (typeof next !== 'string' || next === '') return undefined;
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined;
  if (url?.origin !== new URL(here).origin) {
    const where = url && url.origin !== 'null' ? url.origin : 'nowhere';
    throw strange(
      `GET ${new URL(here).host}${new URL(here).pathname}`,
      `a next page of its own: it leads to ${where}, where the token is not sent, and not`,
    );
  }
  return url.href === here ? undefined : url.href;
}

export const strange = (subject: string, missing: string): RemoteError =>
  new RemoteError(`${subject} failed: the answer has not ${missing}`, { kind: 'refused' });
