import type { FastifyRequest } from 'fastify';
import { messageOf } from '../errors.ts';
import { StoreError } from '../store/errors.ts';
import { Failure } from './failure.ts';
import type { Sparing } from './sparing.ts';

/** What a thrown thing is to the caller: never a stack, and of an error of ours nothing but that it is one. */
export function troubleOf(error: unknown, request: FastifyRequest, { say }: Sparing): Failure {
  if (error instanceof Failure) return error;
  const where = `${request.method} ${request.routeOptions.url ?? 'unknown route'}`;
  if (error instanceof StoreError) {
    say('error', where, `${where} could not be answered: ${messageOf(error)}`);
    return unavailable('The store is not available. Ask again.');
  }
  const status = (error as { readonly statusCode?: unknown } | undefined)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Failure(status === 404 ? 404 : 400, 'bad_request', 'The request is not usable.');
  }
  say('error', where, `${where} failed: ${messageOf(error)}; this is a bug in Slipway`);
  return new Failure(500, 'internal', 'This is a bug in Slipway; its log says more.');
}

export const unavailable = (message: string): Failure => new Failure(503, 'unavailable', message);
