import type { FastifyRequest } from 'fastify';
import { messageOf } from '../errors.ts';
import { StoreError } from '../store/errors.ts';
import { Failure } from './failure.ts';
import type { Sparing } from './sparing.ts';

/** What a thrown thing is to the caller: never a stack, and of an error of ours nothing but that it is one. */
export function troubleOf(error: unknown, request: FastifyRequest, { say }: Sparing): Failure {
  const where = `${request.method} ${request.routeOptions.url ?? 'unknown route'}`;
  if (error instanceof Failure) {
    if (isWorthALine(error)) say('warn', `${where} ${error.status}`, refusalText(where, error));
    return error;
  }
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

/** A caller's mistake: strangers try every path, and an unproven delivery is told with its reason. */
const isWorthALine = ({ status, code }: Failure): boolean =>
  status >= 400 && status < 500 && status !== 404 && code !== 'not_proven';

const mostNames = 10;

/** Names, and no values: what a caller sends may hold anything. */
function refusalText(where: string, { status, code, faults }: Failure): string {
  const named = faults.map(({ name }) => name).filter((name) => /^[\w.[\]-]{1,40}$/.test(name));
  const names = named.slice(0, mostNames).join(', ');
  return `${where} was refused: ${status} ${code}${names ? ` (${names})` : ''}`;
}

export const unavailable = (message: string): Failure => new Failure(503, 'unavailable', message);
