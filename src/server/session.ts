import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Token } from '../deployments/config.ts';
import type { ServerDeps } from './deps.ts';
import type { Links } from './links.ts';

export type Session = {
  readonly token: Token;
  /** Goes into every form, and comes back with it. */
  readonly seal: string;
};
export type Sessions = {
  /** Who is signed in; the right to read is another question. */
  of(request: FastifyRequest): Session | undefined;
  /** The header Set-Cookie that signs in, and the one that signs out. */
  begin(token: Token): string;
  readonly end: string;
};

const lifeMs = 12 * 60 * 60_000;
const cookie = 'slipway_session';

/**
 * A session is a name and a time, sealed by a key that is derived from the token's own value: nothing is stored, every
 * replica knows it, and it ends when the token is replaced or leaves slipway.yml.
 */
export function createSessions({ config, secrets, clock }: ServerDeps, links: Links): Sessions {
  const sealOf = (token: Token, what: string): string | undefined => {
    const value = secrets().token(token);
    if (value === undefined) return undefined;
    const key = createHmac('sha256', value).update('slipway session').digest();
    return createHmac('sha256', key).update(what).digest('base64url');
  };
  const attributes = [
    `Path=${links.page('/')}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(links.isSecure ? ['Secure'] : []),
  ];
  const setting = (value: string, seconds: number): string =>
    [`${cookie}=${value}`, ...attributes, `Max-Age=${seconds}`].join('; ');

  function of({ headers }: FastifyRequest): Session | undefined {
    const [, name = '', until = '', given = ''] =
      new RegExp(`(?:^|; *)${cookie}=([\\w-]+)\\.(\\d{1,15})\\.([\\w-]{43})(?:;|$)`).exec(
        headers.cookie ?? '',
      ) ?? [];
    if (Number(until) <= clock.now()) return undefined;
    const wanted = Buffer.from(name, 'base64url').toString('utf8');
    const token = config().tokens.find((each) => each.name === wanted);
    const seal = token && sealOf(token, `${name}.${until}`);
    if (!token || !seal || !isSame(seal, given)) return undefined;
    return { token, seal: sealOf(token, `form ${name}.${until}`) ?? '' };
  }

  return {
    of,
    begin(token) {
      const what = `${Buffer.from(token.name).toString('base64url')}.${clock.now() + lifeMs}`;
      return setting(`${what}.${sealOf(token, what) ?? ''}`, lifeMs / 1000);
    },
    end: setting('', 0),
  };
}

export function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Whether a form came from our own pages: browsers say where from, and the seal says it for the others. */
export function isOurs({ headers }: FastifyRequest, { origin }: Links): boolean {
  // Where it is said, it holds for whatever address people reach us by, such as a forwarded port.
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === undefined || headers.origin === origin;
}
