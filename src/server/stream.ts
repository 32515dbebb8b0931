import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers that go on while there is somebody to hear them and the server does not end. */
export type Streams = {
  send(request: FastifyRequest, reply: FastifyReply, told: Told): FastifyReply;
  end(): void;
};

type Told = {
  readonly type: string;
  pieces(signal: AbortSignal): AsyncGenerator<string | Uint8Array>;
  /** Asked before each piece: a token may be replaced while somebody listens by it. */
  mayHear(): boolean;
};

export function createStreams(): Streams {
  const closing = new AbortController();
  return {
    send(request, reply, { type, pieces, mayHear }) {
      reply.header('content-type', `${type}; charset=utf-8`);
      // nginx would keep the pieces back.
      reply.header('x-accel-buffering', 'no');
      if (request.method === 'HEAD') return reply.send('');
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing.signal]);
      async function* told(): AsyncGenerator<string | Uint8Array> {
        // Who follows hears at once that there is something to follow.
        reply.raw.flushHeaders();
        for await (const piece of pieces(signal)) {
          if (!mayHear()) return;
          yield piece;
        }
      }
      return reply.send(Readable.from(told(), { objectMode: false }));
    },
    end: () => closing.abort(),
  };
}

/** One event of a stream that EventSource reads. */
export const sse = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
export const sseStart = 'retry: 2000\n\n';
export const sseHeartbeat = ': still here\n\n';
export const heartbeatMs = 15_000;

/** Where a listener was when its connection was lost. */
export function resumeAt({ headers, query }: FastifyRequest): number {
  const last = headers['last-event-id'] ?? (query as { from?: unknown }).from;
  return typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : 0;
}
