import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { archiveOf } from '../tarball.ts';
import type { createFaults, Fault } from './faults.ts';
import { send } from './wire.ts';
import type { Repo } from './world.ts';

export type Download = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
};

type Signed = { readonly repo: Repo; readonly ref: string; readonly until: number };

const lifetime = 5 * 60_000;
const carriers = ['authorization', 'cookie', 'x-github-api-version'];

export type Codeload = ReturnType<typeof createCodeload>;

/** The other host, which hands archives to whoever has a signed link, and wants to know nobody. */
export function createCodeload(parts: {
  readonly faults: ReturnType<typeof createFaults>;
  readonly now: () => number;
  violate(what: string): void;
}) {
  const { faults, now, violate } = parts;
  const links = new Map<string, Signed>();
  const downloads: Download[] = [];
  return {
    downloads,
    /** Path and query of a link that is good for five minutes. */
    sign(repo: Repo, ref: string): string {
      const token = randomBytes(16).toString('hex');
      links.set(token, { repo, ref, until: now() + lifetime });
      return `/${repo.slug}/legacy.tar.gz/${ref}?token=${token}`;
    },
    async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
      const { method = '', headers } = message;
      const url = new URL(message.url ?? '/', 'http://codeload');
      const path = `/codeload${url.pathname}`;
      downloads.push({ path: url.pathname, headers });
      if (method !== 'GET') violate(`${method} ${path}: an archive is only read`);
      for (const name of carriers) {
        if (headers[name]) violate(`GET ${path}: ${name} has no place at codeload`);
      }
      const fault = faults.take(method, path).find((rule) => rule.do !== undefined)?.do;
      await send(response, instead(fault, now()) ?? found(links, url, now()), fault);
    },
  };
}

function found(links: ReadonlyMap<string, Signed>, url: URL, now: number) {
  const signed = links.get(url.searchParams.get('token') ?? '');
  const isGood = signed && now < signed.until && url.pathname.endsWith(`/${signed.ref}`);
  const archive = isGood ? archiveIn(signed) : undefined;
  const head = { 'content-type': 'application/x-gzip', 'access-control-allow-origin': '*' };
  if (archive) return { status: 200, headers: head, body: archive };
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404: Not Found' };
}

/** What was put there, else an archive with one file. */
function archiveIn({ repo, ref }: Signed): Uint8Array | undefined {
  const own = repo.archives.get(ref);
  if (own || !repo.commits.has(ref)) return own;
  const top = `${repo.slug.replace('/', '-')}-${ref.slice(0, 7)}`;
  return archiveOf({ 'README.md': `# ${repo.slug}\n` }, { sha: ref, top });
}

function instead(fault: Fault | undefined, now: number) {
  const canned = typeof fault === 'function' ? fault(now) : fault;
  if (typeof canned !== 'object' || !('status' in canned)) return undefined;
  const { status, headers = {}, body = '' } = canned;
  const isPlain = typeof body === 'string' || body instanceof Uint8Array;
  return { status, headers, body: isPlain ? body : JSON.stringify(body) };
}
