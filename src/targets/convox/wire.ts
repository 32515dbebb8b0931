import { messageOf, RemoteError } from '../../errors.ts';
import type { Answer, Exchange, Http, Socket } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import { isObject } from '../../settings/rules.ts';
import type { TargetDeps } from '../target.ts';
import { inWords, saysMissing } from './dialect.ts';
import type { Place } from './place.ts';
import { matchRack } from './racks.ts';

export type Ask = Pick<
  Exchange,
  'method' | 'body' | 'headers' | 'repeat' | 'silenceMs' | 'timeoutMs' | 'signal'
> & {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
};

/** Requests to one rack, directly or through the console. */
export interface Wire {
  /** For people: the host, and the rack's name where the console has many. */
  name(): string;
  /** Finds the rack, and lets the console open its session, before anything that cannot be sent twice. */
  connect(signal: AbortSignal): Promise<void>;
  ask(ask: Ask): Promise<Answer>;
  json(ask: Ask): Promise<unknown>;
  /** For answers in which nothing is said but that it was done. */
  done(ask: Ask): Promise<void>;
  socket(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Socket>;
}

type WireDeps = Pick<TargetDeps, 'log' | 'clock'> & {
  /** Under which name the rack was asked for. */
  readonly rackSetting: string;
};

const formType = 'application/x-www-form-urlencoded';

/** Login pages and gateways answer 200 in passing, too. */
const pagesTaken = 3;
const pageMs = 2000;

export function createWire(place: Place, http: Http, { log, clock, rackSetting }: WireDeps): Wire {
  let rack: string | undefined;
  let session: string | undefined;
  let hasAnswered = false;
  let isConsole = place.rack !== undefined;
  let isConnected = !isConsole;

  const headers = (): Record<string, string> => ({
    authorization: place.authorization,
    ...(rack === undefined ? {} : { rack }),
    ...(isConsole ? { session: session ?? '' } : {}),
  });

  function exchangeOf({ path, query, form, ...rest }: Ask): Exchange {
    const search = query ? `?${new URLSearchParams(query)}` : '';
    const url = place.base + path + search;
    const type = form ? formType : rest.body === undefined ? undefined : 'application/octet-stream';
    return {
      ...rest,
      url,
      headers: {
        accept: 'application/json',
        ...headers(),
        ...(type ? { 'content-type': type } : {}),
        ...rest.headers,
      },
      ...(form ? { body: new URLSearchParams(form).toString() } : {}),
      // What is not there is not there the next time either, whatever the status says.
      backOff: (answer) => {
        if (answer.status > 499 && saysMissing(answer)) throw missing(rest.method, path, answer);
        return undefined;
      },
    };
  }
  const missing = (method: string, path: string, answer: Answer): RemoteError =>
    new RemoteError(`${method} ${place.host}${path} failed: the rack answered ${answer.status}`, {
      ...{ kind: 'refused', status: answer.status, answer },
    });

  async function ask(given: Ask): Promise<Answer> {
    try {
      const answer = await http.request(exchangeOf(given));
      hasAnswered = true;
      return answer;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      hasAnswered ||= error.answer !== undefined;
      // A host that never spoke may be the wrong one.
      if (!hasAnswered && !given.signal.aborted) throw unheard(error);
      const challenge = challengeIn(error);
      if (!challenge) throw inWords(error, place);
      await openSession(challenge, given.signal);
      return http.request(exchangeOf(given)).catch((again: unknown) => {
        throw again instanceof RemoteError ? inWords(again, place) : again;
      });
    }
  }

  const unheard = ({ message, kind, unknown, cause }: RemoteError): RemoteError =>
    new RemoteError(`${message}; check ${place.hostSetting}`, { kind, unknown, cause });

  async function openSession(challenge: Challenge, signal: AbortSignal): Promise<void> {
    if (challenge.needsToken) {
      throw new RemoteError(
        `${place.host} asks for a security key, which no CI has: use a deploy key as convox_password`,
        { kind: 'credentials', status: 401 },
      );
    }
    const path = challenge.path.startsWith('/') ? challenge.path : `/${challenge.path}`;
    const empty = { method: 'POST', path, body: '', repeat: 'safe', signal } as const;
    const answer = await http.request(exchangeOf(empty));
    const json = jsonOf(answer, `POST ${place.host}${path}`);
    session = isObject(json) && typeof json.id === 'string' ? json.id : undefined;
    log.debug(`${place.host} opened a session`);
  }

  /** A page instead of the rack's word: what may be asked again is, and of the rest nothing is known. */
  async function word<T>(given: Ask, read: (answer: Answer) => T): Promise<T> {
    const isSafe = given.method === 'GET' || given.repeat === 'safe';
    for (let tries = 1; ; tries += 1) {
      const answer = await ask(given);
      try {
        return read(answer);
      } catch (error) {
        if (!isSafe) {
          const failure = { kind: 'unavailable', unknown: true, status: answer.status } as const;
          throw new RemoteError(messageOf(error), failure);
        }
        if (tries === pagesTaken || given.signal.aborted) throw error;
      }
      await clock.pause(pageMs, given.signal);
    }
  }
  const json = (given: Ask): Promise<unknown> =>
    word(given, (answer) => jsonOf(answer, `${given.method} ${place.host}${given.path}`));

  return {
    name: () => (rack === undefined ? place.host : `${rack} at ${place.host}`),
    async connect(signal) {
      if (isConnected || place.rack === undefined) return;
      const racks = await json({ method: 'GET', path: '/racks', signal }).catch((error) => {
        if (!(error instanceof RemoteError) || error.status !== 404) throw error;
        isConsole = false;
        log.info(`${place.host} has no list of racks: it is taken for a rack itself`);
        return undefined;
      });
      if (racks !== undefined)
        rack = matchRack(racks, { wanted: place.rack, host: place.host, name: rackSetting });
      isConnected = true;
    },
    ask,
    json,
    done: (given) => word(given, assertPlain),
    socket: async (path, more, signal) =>
      http.socket({ url: place.base + path, headers: { ...headers(), ...more }, signal }),
  };
}

type Challenge = { readonly path: string; readonly needsToken: boolean };

/** `WWW-Authenticate: Session path="…" token="…"`, which only the console says. */
function challengeIn({ status, answer }: RemoteError): Challenge | undefined {
  const header = answer?.headers['www-authenticate'] ?? '';
  if (status !== 401 || !/^Session\b/i.test(header)) return undefined;
  const [, path = '/session'] = /\bpath="([^"]*)"/.exec(header) ?? [];
  return { path, needsToken: /\btoken="true"/i.test(header) };
}

function assertPlain({ body, headers, status, url }: Answer): void {
  if (!/^text\/html\b/i.test(headers['content-type'] ?? '') && !/<html/i.test(body)) return;
  const { host, pathname } = new URL(url);
  const why = 'the answer is a web page; is there a proxy or a login page in between?';
  throw new RemoteError(`${host}${pathname} failed: ${why}`, { kind: 'unavailable', status });
}
