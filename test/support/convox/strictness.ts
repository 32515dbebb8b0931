import type { IncomingMessage } from 'node:http';
import type { Exchange, Manners } from './manners.ts';

export type Asked = {
  readonly exchange: Exchange;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  /** As many came; of what is not kept, there is no body. */
  readonly bytes: number;
  readonly form: Readonly<Record<string, string>>;
};

const forms: Readonly<Partial<Record<Exchange, readonly string[]>>> = {
  create: ['name', 'generation', 'timeout'],
  start: [
    ...['url', 'description', 'manifest', 'git-sha', 'build-args', 'no-cache', 'development'],
  ],
  env: ['env', 'build', 'description'],
  promote: ['force', 'timeout'],
};
const queries: Readonly<Partial<Record<Exchange, readonly string[]>>> = {
  builds: ['limit'],
  releases: ['limit'],
  processes: ['release'],
  diagnose: ['lines', 'events', 'previous'],
};

/** What no well-mannered client sends; the vendor's server would take much of it in silence. */
export function complaintOf(asked: Asked, manners: Manners): string | undefined {
  const { exchange, request, bytes, form } = asked;
  const { headers, method, url = '' } = request;
  const allowed = forms[exchange];
  const type = headers['content-type'];
  if (!/^slipway\/\d/.test(headers['user-agent'] ?? '')) return `user-agent of ${exchange}`;
  if (headers.accept !== 'application/json') return `accept ${headers.accept} of ${exchange}`;
  if (manners.racks === undefined && ('rack' in headers || 'session' in headers)) {
    return `a console's header in ${exchange}`;
  }
  if (url.endsWith('?')) return `an empty query in ${exchange}`;
  const names = [...new URL(url, 'http://h').searchParams.keys()];
  const strange = names.find((name) => !queries[exchange]?.includes(name));
  if (strange) return `query ${strange} of ${exchange}`;
  if (exchange === 'upload') {
    if (type !== 'application/octet-stream') return `content-type ${type} of an upload`;
    if (headers['content-length'] !== String(bytes)) return 'an upload without its length';
    return undefined;
  }
  if (allowed) {
    if (type !== 'application/x-www-form-urlencoded') return `content-type ${type} of ${exchange}`;
    const unknown = Object.keys(form).find((name) => !allowed.includes(name));
    if (unknown) return `parameter ${unknown} of ${exchange}`;
    if (['no-cache', 'development'].some((name) => name in form && form[name] !== 'true')) {
      return 'a flag that is not "true"';
    }
    return exchange === 'start' && !form.url ? 'a build without url' : undefined;
  }
  if (bytes > 0) return `${method} ${exchange} with a body`;
  return undefined;
}

/** The same for a request for a WebSocket. */
export function complaintOfSocket(request: IncomingMessage): string | undefined {
  const { headers } = request;
  if (headers.upgrade !== 'websocket') return `upgrade ${headers.upgrade}`;
  if (headers['sec-websocket-version'] !== '13') return 'another version of WebSocket';
  if ('origin' in headers) return 'an origin';
  if ('sec-websocket-protocol' in headers) return 'a subprotocol';
  if ('sec-websocket-extensions' in headers) return 'extensions';
  if (!/^slipway\/\d/.test(headers['user-agent'] ?? '')) return 'user-agent of a socket';
  return undefined;
}
