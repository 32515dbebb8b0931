import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type Loopback, serve } from '../loopback.ts';
import { bytesOf, type FakeFile } from './world.ts';

/** Somebody else's storage: whoever has the link may read, and credentials have no place here. */
export type Storage = {
  /** A link to the bytes of a file, and the range of them where they are a part. */
  link(path: string, file: FakeFile): { readonly url: string; readonly range?: string };
  /** The most requests that were open at one time. */
  peak(): number;
  close(): Promise<void>;
};

export type StorageOptions = {
  /** Takes its time. */
  late(): Promise<void>;
  complain(text: string): void;
  /** Whether something else was answered in place of the bytes. */
  spoil(request: IncomingMessage, response: ServerResponse, bytes: Buffer): boolean;
};

const before = Buffer.from('another file that is packed into the same object');

export async function serveStorage({ late, complain, spoil }: StorageOptions): Promise<Storage> {
  const files = new Map<string, FakeFile>();
  let open = 0;
  let peak = 0;
  const server: Loopback = await serve(async (request, response) => {
    open += 1;
    peak = Math.max(peak, open);
    response.on('close', () => {
      open -= 1;
    });
    const url = new URL(request.url ?? '/', 'http://x');
    for (const name of ['authorization', 'cookie'])
      if (request.headers[name]) complain(`the storage was sent ${name}`);
    if (request.method !== 'GET') complain(`the storage was asked to ${request.method}`);
    const file = files.get(url.searchParams.get('of') ?? '');
    await late();
    if (!file || url.searchParams.get('sig') !== 'signed')
      return void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    const bytes = file.packed ? gzipSync(bytesOf(file)) : bytesOf(file);
    if (spoil(request, response, bytes)) return;
    if (file.times !== undefined && file.times > 1) return void repeat(bytes, file.times, response);
    const head = file.packed === 'told' ? { 'content-encoding': 'gzip' } : {};
    if (!file.ranged) return void response.writeHead(200, head).end(bytes);
    const whole = Buffer.concat([before, bytes, before]);
    if (request.headers.range !== rangeOf(bytes)) {
      complain('the storage was asked for all of an object of which a file is a part');
      return void response.writeHead(200).end(whole);
    }
    response.writeHead(206, head).end(bytes);
  });
  const url = server.url.replace('127.0.0.1', 'localhost');
  return {
    link(path, file) {
      files.set(path, file);
      const bytes = file.packed ? gzipSync(bytesOf(file)) : bytesOf(file);
      const range = file.ranged ? { range: rangeOf(bytes) } : {};
      return { url: `${url}/object?of=${encodeURIComponent(path)}&sig=signed`, ...range };
    },
    peak: () => peak,
    close: server.close,
  };
}

function repeat(bytes: Buffer, times: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': bytes.length * times });
  Readable.from(Array.from({ length: times }, () => bytes)).pipe(response);
}

const rangeOf = (bytes: Buffer): string =>
  `bytes=${before.length}-${before.length + bytes.length - 1}`;
