import type { FastifyRequest } from 'fastify';
import { may, reaches, tokenOf } from '../deployments/access.ts';
import type { Right, Token } from '../deployments/config.ts';
import { quoted } from '../errors.ts';
import type { ServerDeps } from './deps.ts';
import { Failure } from './failure.ts';
import { createSlowdown } from './slowdown.ts';

/** Who calls, and what they may. */
export type Guard = {
  /** For `onRequest`: 401 without a known token, 403 where it may not do this. */
  demand(right: Right): (request: FastifyRequest) => Promise<void>;
  /** The token that passed. */
  caller(request: FastifyRequest): Token;
  /** Whether the one that passed would pass again, and may still use this deployment. */
  mayStill(request: FastifyRequest, right: Right, deployment: string): boolean;
  /** The token of this value; a wrong one is slowed by its address. */
  identify(presented: string, request: FastifyRequest): Promise<Token>;
};

export function createGuard({ config, secrets, clock, metrics }: ServerDeps): Guard {
  const callers = new WeakMap<FastifyRequest, Token>();
  const slowdown = createSlowdown(clock);

  async function identify(presented: string, request: FastifyRequest): Promise<Token> {
    const token = tokenOf(config(), secrets(), presented);
    if (token) return token;
    metrics.count('slipway_login_failures_total', {});
    if (!(await slowdown.failed(request.ip))) {
      throw new Failure(429, 'too_many', 'Too many wrong tokens from this address. Wait a minute.');
    }
    throw unauthorized(
      presented.includes('${')
        ? 'The token is an expression that nobody resolved: set its variable where Orca runs.'
        : 'The token is not known.',
    );
  }

  return {
    demand: (right) => async (request) => {
      const presented = bearerOf(request.headers.authorization);
      if (presented === undefined) {
        throw unauthorized('Send the header Authorization: Bearer with a token of slipway.yml.');
      }
      const token = await identify(presented, request);
      if (!may(token, right)) throw forbidden(`The token ${token.name} may not ${right}.`);
      callers.set(request, token);
    },
    caller(request) {
      const token = callers.get(request);
      if (!token) throw new Error('the route demands no token');
      return token;
    },
    mayStill({ headers }, right, deployment) {
      const token = tokenOf(config(), secrets(), bearerOf(headers.authorization) ?? '');
      return token !== undefined && may(token, right) && reaches(token, deployment);
    },
    identify,
  };
}

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +(\S(?:.*\S)?) *$/i.exec(header ?? '')?.[1];

const unauthorized = (message: string): Failure =>
  new Failure(401, 'unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });

export const forbidden = (message: string): Failure => new Failure(403, 'forbidden', message);

/** Reading and cancelling are bounded by a token's globs as starting is. */
export function demandReach(token: Token, deployment: string): void {
  if (reaches(token, deployment)) return;
  throw forbidden(`The token ${token.name} may not use ${quoted(deployment)}.`);
}
