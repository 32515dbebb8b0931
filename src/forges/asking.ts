import { RemoteError } from '../errors.ts';
import type { Answer, Exchange } from '../http/http.ts';
import { jsonOf } from '../http/json.ts';
import type { Patience } from './forge.ts';
import type { ForgeHttp } from './forge-http.ts';
import { explained, type Site } from './reading.ts';

export type Question = Patience & {
  readonly url: string;
  /** What a refusal leaves open beside the repository, where it is not asked for itself: `commit 1a2b`. */
  readonly thing?: string;
  /** Statuses that say that it is not there. */
  readonly absent?: readonly number[];
};

export type Order = Patience & {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly body: object;
  readonly thing: string;
  /** What it takes, in the forge's own words. */
  readonly needs: string;
  /** A field of the answer, without which it is not the forge's own; without it there is no body. */
  readonly shows?: string;
  readonly backOff?: Exchange['backOff'];
};

/** Asks a forge for JSON. undefined: it is not there. */
export async function ask<T>(
  forge: ForgeHttp,
  site: Site,
  { url, thing, absent = [404], ...patience }: Question,
  read: (body: unknown) => T,
): Promise<T | undefined> {
  const accept = (status: number) => status === 200 || absent.includes(status);
  const exchange = { method: 'GET', url, headers: headersOf(site), accept } as const;
  const answer = await request(forge, site, exchange, thing, patience);
  if (answer.status !== 200) return undefined;
  try {
    return read(jsonOf(answer, subjectOf(exchange)));
  } catch (error) {
    if (!(error instanceof TypeError)) throw explained(error, site, thing);
    const message = `${thing ? `${thing} of ` : ''}${site.repo} is not known: the answer of ${site.host} is not what it documents; is there a proxy in between?`;
    throw new RemoteError(message, { kind: 'unavailable', status: answer.status, cause: error });
  }
}

/** Changes something, once: after a lost answer the caller looks before it repeats. Resolves with the answer's JSON. */
export async function send(
  forge: ForgeHttp,
  site: Site,
  { method, url, body, thing, needs, shows, backOff, ...patience }: Order,
): Promise<unknown> {
  const headers = { ...headersOf(site), 'content-type': 'application/json' };
  const sent = { method, url, headers, body: JSON.stringify(body) };
  const exchange = backOff ? { ...sent, backOff } : sent;
  const answer = await request(forge, { ...site, needs }, exchange, thing, patience);
  const { status } = answer;
  // What a proxy made of an answer says nothing about whether the forge acted.
  const unknown = { kind: 'unavailable', status, unknown: true } as const;
  if (!shows && status === 204) return undefined;
  try {
    const told = jsonOf(answer, subjectOf(exchange));
    if (shows && told instanceof Object && shows in told) return told;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    throw new RemoteError(error.message, { ...unknown, cause: error.cause });
  }
  const message = `${subjectOf(exchange)} failed: the answer is not what ${site.host} documents; is there a proxy in between?`;
  throw new RemoteError(message, unknown);
}

const headersOf = (site: Site) => ({ ...site.headers, accept: 'application/json' });

const subjectOf = ({ method, url }: Pick<Exchange, 'method' | 'url'>): string => {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname}`;
};

const request = (
  forge: ForgeHttp,
  site: Site,
  exchange: Omit<Exchange, 'signal'>,
  thing: string | undefined,
  patience: Patience,
): Promise<Answer> =>
  forge.request(exchange, patience).catch((error: unknown) => {
    throw explained(error, site, thing);
  });

/** A commit's id in an answer; anything else is no answer. */
export function idIn(value: unknown): string {
  if (typeof value === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) return value;
  throw new TypeError('a commit has an id');
}

/** A name may hold slashes, which are part of the path. */
export const pathOf = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

/**
 * What git takes for the name of a branch or tag. Nothing else is asked for: a request names it, and `..` in a path
 * would take our token to another repository.
 */
export const isRefName = (name: string): boolean =>
  !/(?:^|\/)(?:\.|$)|\.(?:\.|$)|\/\/|\.lock(?:\/|$)|@\{|[\x00-\x20\x7f~^:?*[\\]/.test(name);
