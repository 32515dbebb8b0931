import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Answer, Exchange, Http } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import { createRemoteClock } from '../../http/remote-clock.ts';
import { explained, notSignedIn } from './explain.ts';
import { isAuthorization, type SpinnakerValues, tokenHeader } from './settings.ts';

type Query = Readonly<Record<string, string>>;

/** Gate's API as JSON. The credentials stay in here. */
export interface Client {
  readonly host: string;
  /** Without a slash at its end. */
  readonly root: string;
  get(path: string, signal: AbortSignal, query?: Query): Promise<unknown>;
  /** Asked once: what its answer holds. */
  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown>;
  /** May be asked as often as it has to; its answer says nothing. */
  put(path: string, query: Query, signal: AbortSignal): Promise<void>;
  /** Spinnaker's own time, as Gate's answers tell it. */
  now(): number;
}

/** A page of a proxy is most often gone at the next try. */
const mostPages = 2;

export function createClient(
  values: SpinnakerValues,
  { http, clock }: { readonly http: Http; readonly clock: Clock },
): Client {
  const { origin, pathname, host } = new URL(values.spinnakerGateUrl);
  const root = origin + pathname.replace(/\/+$/, '');
  const headers = { accept: 'application/json', ...credentials(values) };
  const time = createRemoteClock(clock);
  let isHeard = false;

  async function exchange(call: Omit<Exchange, 'headers' | 'redirects'>): Promise<Answer> {
    const type = call.body === undefined ? {} : { 'content-type': 'application/json' };
    try {
      const sent = { ...headers, ...type };
      const answer = await http.request({ ...call, headers: sent, redirects: 'none' });
      isHeard = true;
      time.hear(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      isHeard ||= error.status !== undefined;
      throw explained(error, values, call, isHeard || call.signal.aborted);
    }
  }

  /** JSON, or why it is none. */
  function parsed(answer: Answer, { method, url }: Pick<Exchange, 'method' | 'url'>): unknown {
    const subject = `${method} ${new URL(url).host}${new URL(url).pathname}`;
    if (isPage(answer)) throw notSignedIn(subject, values, answer, 'a web page');
    if (answer.body.trim() === '') throw nothingSaid(subject, answer);
    return jsonOf(answer, subject);
  }

  const address = (path: string, query: Query = {}): string => {
    const search = new URLSearchParams(query).toString();
    return `${root}${path}${search ? `?${search}` : ''}`;
  };

  return {
    host,
    root,
    async get(path, signal, query) {
      const call = { method: 'GET', url: address(path, query), signal } as const;
      for (let tries = 0; ; tries += 1) {
        const answer = await exchange(call);
        try {
          return parsed(answer, call);
        } catch (error) {
          if (tries === mostPages || signal.aborted) throw error;
          await clock.pause(1000 * 2 ** tries, signal);
        }
      }
    },
    async post(path, body, signal) {
      const call = { method: 'POST', url: address(path), signal } as const;
      const answer = await exchange({ ...call, body: JSON.stringify(body), repeat: 'once' });
      try {
        return parsed(answer, call);
      } catch (error) {
        // Whoever wrote it, what was sent may have been done.
        const { message, kind, status } = error as RemoteError;
        throw new RemoteError(message, { kind, unknown: true, ...(status ? { status } : {}) });
      }
    },
    async put(path, query, signal) {
      const call = { method: 'PUT', url: address(path, query), signal } as const;
      const answer = await exchange({ ...call, repeat: 'safe' });
      if (isPage(answer)) parsed(answer, call);
    },
    now: time.now,
  };
}

function credentials(values: SpinnakerValues): Record<string, string> {
  const { spinnakerToken: token, spinnakerUsername: username, spinnakerPassword } = values;
  const header = tokenHeader(values);
  const pair = Buffer.from(`${username}:${spinnakerPassword}`).toString('base64');
  return {
    ...(username === undefined ? {} : { authorization: `Basic ${pair}` }),
    ...(token === undefined
      ? {}
      : { [header.toLowerCase()]: isAuthorization(header) ? `Bearer ${token}` : token }),
  };
}

/** Gate says nothing where it could not ask the service behind it. */
const nothingSaid = (subject: string, { status }: Answer): RemoteError =>
  new RemoteError(`${subject} failed: the answer is empty (${status})`, {
    kind: 'unavailable',
    status,
  });

const isPage = ({ headers, body }: Answer): boolean =>
  /^text\/html\b/i.test(headers['content-type'] ?? '') ||
  /^\s*<(?:!doctype html|html)\b/i.test(body);
