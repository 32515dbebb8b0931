import http from 'node:http';
import { gunzipSync } from 'node:zlib';

export type Exchanged = {
  readonly code: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
};
type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** okhttp 4.9 as Orca builds it: one pool for create, poll and cancel, and its own manners. */
export type OkHttp = {
  exchange(request: Request): Promise<Exchanged>;
  close(): void;
};

export class SocketTimeout extends Error {
  override readonly name = 'SocketTimeout';
}

/** Died before an answer, on a connection that had been used before: okhttp sends again. */
class DeadPooled extends Error {
  override readonly name = 'DeadPooled';
}

const mostFollowUps = 20;

export function createOkHttp({ readMs = 20_000 } = {}): OkHttp {
  const agent = new http.Agent({ keepAlive: true });

  async function onLiveConnection(request: Request): Promise<Exchanged> {
    for (;;) {
      try {
        return await send(request, agent, readMs);
      } catch (error) {
        if (!(error instanceof DeadPooled)) throw error;
      }
    }
  }

  return {
    async exchange(first) {
      let request = first;
      let before = 0;
      for (let hops = 0; hops <= mostFollowUps; hops += 1) {
        const answer = await onLiveConnection(request);
        const next = followUp(request, answer, before);
        if (!next) return answer;
        before = answer.code;
        request = next;
      }
      throw new Error('java.net.ProtocolException: Too many follow-up requests: 21');
    },
    close: () => agent.destroy(),
  };
}

function send(
  { method, url, headers, body }: Request,
  agent: http.Agent,
  readMs: number,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        const isPacked = /gzip/i.test(response.headers['content-encoding'] ?? '');
        resolve({
          code: response.statusCode ?? 0,
          headers: response.headers,
          bytes: isPacked ? gunzipSync(bytes) : bytes,
        });
      });
    });
    request.on('error', (error) => {
      const isDead = request.reusedSocket && !(error instanceof SocketTimeout);
      reject(isDead ? new DeadPooled(error.message) : error);
    });
    request.setTimeout(readMs, () =>
      request.destroy(new SocketTimeout('java.net.SocketTimeoutException: Read timed out')),
    );
    // In two pieces, as a body whose length nobody knows arrives.
    const half = headers['Transfer-Encoding'] ? Math.floor(body.length / 2) : 0;
    if (half > 0) request.write(body.subarray(0, half));
    request.end(body.subarray(half));
  });
}

/** RetryAndFollowUpInterceptor: what okhttp itself sends after this answer. */
function followUp(
  request: Request,
  { code, headers }: Exchanged,
  before: number,
): Request | undefined {
  const value = headers['retry-after'];
  const after = (missing: number): number =>
    value === undefined ? missing : /^\d+$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
  if (code === 408) return before === 408 || after(0) > 0 ? undefined : request;
  if (code === 503) {
    return before !== 503 && after(Number.POSITIVE_INFINITY) === 0 ? request : undefined;
  }
  if (![300, 301, 302, 303, 307, 308].includes(code) || !headers.location) return undefined;
  const url = new URL(headers.location, request.url);
  const { Authorization, ...others } = request.headers;
  const isSame = url.host === new URL(request.url).host && Authorization !== undefined;
  const kept = isSame ? request.headers : others;
  if (code >= 307) return { ...request, url: url.href, headers: kept };
  const plain = Object.entries(kept).filter(
    ([name]) => !/^(content-type|content-length|transfer-encoding)$/i.test(name),
  );
  return {
    method: 'GET',
    url: url.href,
    headers: Object.fromEntries(plain),
    body: Buffer.alloc(0),
  };
}
