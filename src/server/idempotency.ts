import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Failure } from './failure.ts';

const longest = 255;
/** What is not ASCII comes as other bytes from each client, so that the same key would be another one. */
const signs = '^(?:[ -#%-~]|\\$(?!\\{))*$';
const isKey = new RegExp(signs);

/** The header, for OpenAPI. */
export const keySchema = { type: 'string', maxLength: longest, pattern: signs } as const;

/** The key under which a caller may ask again; undefined: every request is a run of its own. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const value = headers['idempotency-key'];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && value.includes('${')) {
    const message = 'The header Idempotency-Key holds an expression that Spinnaker left as it was.';
    throw new Failure(422, 'unresolved', message);
  }
  if (typeof value === 'string' && value.length <= longest && isKey.test(value)) return value;
  const message = `The header Idempotency-Key must be one text of at most ${longest} ASCII characters.`;
  throw new Failure(400, 'invalid', message);
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
