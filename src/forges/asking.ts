import { RemoteError } from '../errors.ts';
import type { Http } from '../http/http.ts';
import { jsonOf } from '../http/json.ts';
import { explained, type Site } from './reading.ts';

export type Question = {
  readonly url: string;
  /** What a refusal leaves open beside the repository: `commit 1a2b`. */
  readonly thing: string;
  /** Statuses that say that it is not there. */
  readonly absent?: readonly number[];
  readonly signal: AbortSignal;
};

/** Asks a forge for JSON. undefined: it is not there. */
export async function ask<T>(
  http: Http,
  site: Site,
  { url, thing, absent = [404], signal }: Question,
  read: (body: unknown) => T,
): Promise<T | undefined> {
  const { status, body } = await request(http, site, { url, thing, absent, signal });
  if (absent.includes(status)) return undefined;
  try {
    return read(body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = `${thing} of ${site.repo} is not known: the answer of ${site.host} is not what it documents; is there a proxy in between?`;
    throw new RemoteError(message, { kind: 'unavailable', status, cause: error });
  }
}

async function request(
  http: Http,
  site: Site,
  { url, thing, absent = [], signal }: Question,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const answer = await http.request({
      method: 'GET',
      url,
      headers: { ...site.headers, accept: 'application/json' },
      accept: (status) => status === 200 || absent.includes(status),
      signal,
    });
    const { host, pathname } = new URL(url);
    const body = answer.status === 200 ? jsonOf(answer, `GET ${host}${pathname}`) : undefined;
    return { status: answer.status, body };
  } catch (error) {
    throw explained(error, site, thing);
  }
}

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
