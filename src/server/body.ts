import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { Failure } from './failure.ts';

/** Both APIs; a webhook's delivery may be larger, since no forge sends it again. */
export const apiBytes = 64 * 1024;
export const hookBytes = 25 * 1024 * 1024;
/** What all bodies under way of strangers may come to, and those of callers with a token. */
const togetherBytes = 256 * 1024 * 1024;
/** What is read and thrown away behind a limit, so that the caller hears why and keeps its connection. */
const spareBytes = 4 * 1024 * 1024;
const patienceMs = 30_000;

/** Content types as they came: the parser is told of none, for every body is read here. */
const types = new WeakMap<IncomingMessage, string | undefined>();

/** Takes every body as bytes, whatever it says that it is. */
export function takeBodies(app: FastifyInstance, clock: Clock): void {
  // Who floods the webhooks must not keep a stage of Spinnaker out.
  const [strangers, callers]: readonly [Held, Held] = [{ bytes: 0 }, { bytes: 0 }];
  const heldWith = ({ routeOptions: { url = '' } }: FastifyRequest): Held =>
    /^\/(?:v1|spinnaker)\//.test(url) ? callers : strangers;
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async ({ raw }) => {
    types.set(raw, raw.headers['content-type']);
    // One that is always well-formed, and for which there is one parser.
    raw.headers['content-type'] = 'application/octet-stream';
  });
  // A parser that throws costs the caller its connection, so what is wrong is told a step later.
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    read(request, payload, heldWith(request), clock).catch((error: unknown) => error),
  );
  app.addHook('preValidation', async ({ body }) => {
    if (body instanceof Error) throw body;
  });
}

async function read(
  request: FastifyRequest,
  payload: IncomingMessage,
  held: Held,
  clock: Clock,
): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Failure(400, 'bad_request', 'Send the body without a content-encoding.');
  }
  const limit = request.routeOptions.bodyLimit;
  const { parts, size } = await inTime(payload, collect(payload, limit, held), clock);
  if (size <= limit) return Buffer.concat(parts);
  const message = `The body is larger than ${limit / 1024} KiB.`;
  throw new Failure(413, 'too_large', message, size > limit + spareBytes ? closing : {});
}

type Held = { bytes: number };
type Collected = { readonly parts: readonly Buffer[]; readonly size: number };

async function collect(payload: IncomingMessage, limit: number, held: Held): Promise<Collected> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    // To leave the loop must not cut the connection, on which the answer goes.
    for await (const part of payload.iterator({ destroyOnReturn: false })) {
      size += part.length;
      held.bytes += part.length;
      if (held.bytes > togetherBytes) throw tooMuch;
      if (size <= limit) parts.push(part);
      if (size > limit + spareBytes) break;
    }
    return { parts, size };
  } catch (error) {
    throw error instanceof Failure ? error : broken;
  } finally {
    held.bytes -= size;
  }
}

async function inTime<T>(payload: IncomingMessage, arrival: Promise<T>, clock: Clock): Promise<T> {
  arrival.catch(() => {});
  // Most come with their headers, and are here a turn later: those need no watch.
  await nextTurn();
  if (payload.complete) return arrival;
  const done = new AbortController();
  const late = clock.pause(patienceMs, done.signal).then(() => Promise.reject(tooSlow));
  // Who comes in second is not waited for.
  late.catch(() => {});
  try {
    return await Promise.race([arrival, late]);
  } finally {
    // A reason of our own, for the usual one is an error with a stack, and this is for every request.
    done.abort('arrived');
  }
}

const closing = { headers: { connection: 'close' } } as const;
const tooSlow = new Failure(400, 'too_slow', 'The body took too long to arrive.', closing);
const broken = new Failure(400, 'bad_request', 'The body did not arrive whole.', closing);
const tooMuch = new Failure(
  503,
  'unavailable',
  'Too many large bodies at once. Ask again.',
  closing,
);

/** The bytes of a request; none where it has no body. */
export const bytesOf = ({ body }: FastifyRequest): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.alloc(0);

/** Headers with the content type that the caller gave. */
export const headersOf = ({ raw }: FastifyRequest): IncomingMessage['headers'] => {
  const { 'content-type': _, ...others } = raw.headers;
  const type = types.get(raw);
  return type === undefined ? others : { ...others, 'content-type': type };
};

/** Orca sends ISO-8859-1 where a stage names no content type; everybody else sends UTF-8. */
export function textOf(request: FastifyRequest): string {
  const bytes = bytesOf(request);
  const [, charset = ''] = /charset\s*=\s*"?([\w.:-]+)/i.exec(types.get(request.raw) ?? '') ?? [];
  if (/^(?:iso-8859-1|latin1|us-ascii|windows-1252)$/i.test(charset)) {
    return bytes.toString('latin1');
  }
  if (charset !== '' && !/^utf-?8$/i.test(charset)) {
    throw new Failure(400, 'not_utf8', 'The body must be UTF-8 or ISO-8859-1.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(400, 'not_utf8', 'The body is not UTF-8, and names no other charset.');
  }
}

/** The fields of a form of our own. */
export const formOf = (request: FastifyRequest): URLSearchParams =>
  new URLSearchParams(textOf(request));
