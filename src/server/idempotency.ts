import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { isTemplate } from '../deployments/unresolved-body.ts';
import { Failure } from './failure.ts';

const longest = 255;

/** The key under which a caller may ask again; undefined: every request is a run of its own. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const value = headers['idempotency-key'];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > longest) {
    const message = `The header Idempotency-Key must be one text of at most ${longest} characters.`;
    throw new Failure(400, 'invalid', message);
  }
  if (!isTemplate(value)) return value;
  const message = 'The header Idempotency-Key holds an expression that Spinnaker left as it was.';
  throw new Failure(422, 'unresolved', message);
}

/** What was asked for, however its JSON was written down. */
export const hashOf = (request: object): string => hash('sha256', JSON.stringify(sorted(request)));

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, sorted(item)]);
}
