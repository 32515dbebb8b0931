import type { Clock } from '../../clock.ts';
import { RemoteError } from '../../errors.ts';
import type { Http } from '../../http/http.ts';
import { jsonOf } from '../../http/json.ts';
import { ask } from '../asking.ts';
import { createForgeHttp } from '../forge-http.ts';
import { explained, type Site } from '../reading.ts';
import type { Place } from './place.ts';

export type Deps = { readonly http: Http; readonly clock: Clock };

type Headers = Readonly<Record<string, string>>;
type Question = { readonly thing: string; readonly signal: AbortSignal };

/** Diversion's API, signed in. What it rejects with are RemoteErrors that say what would help. */
export type Session = {
  readonly apiUrl: string;
  /** undefined: it is not there. */
  ask<T>(path: string, question: Question, read: (body: unknown) => T): Promise<T | undefined>;
  /** Calls with a token that is valid, and once more with a new one where it was refused all the same. */
  signedIn<T>(signal: AbortSignal, call: (headers: Headers) => Promise<T>): Promise<T>;
  /** The same failure of such a call with what would help; `thing` is what it was about. */
  explain(error: unknown, thing: string): unknown;
};

/** Of the time that an access token is good for. */
const share = 0.8;

/** https://docs.diversion.dev/api-reference; the exchange itself is not documented. */
export function createSession(place: Place, { http, clock }: Deps): Session {
  const forge = createForgeHttp({ http, clock });
  let held: { readonly headers: Headers; readonly until: number } | undefined;
  let exchanging: Promise<Headers> | undefined;

  /** Whoever asks meanwhile waits for the same exchange. */
  function headersFor(signal: AbortSignal): Promise<Headers> | Headers {
    if (held && clock.now() < held.until) return held.headers;
    exchanging ??= exchange(place, http, signal)
      .then(({ token, ms }) => {
        const headers = { authorization: `Bearer ${token}` };
        held = { headers, until: clock.now() + ms * share };
        return headers;
      })
      .finally(() => {
        exchanging = undefined;
      });
    return exchanging;
  }

  const signedIn: Session['signedIn'] = async (signal, call) => {
    for (let isFirst = true; ; isFirst = false) {
      const headers = await headersFor(signal);
      try {
        return await call(headers);
      } catch (error) {
        const isRefused = error instanceof RemoteError && error.status === 401;
        if (!isRefused || !isFirst) throw error;
        if (held?.headers === headers) held = undefined;
      }
    }
  };

  return {
    ...{ apiUrl: place.apiUrl, signedIn },
    explain: (error, thing) => explained(error, siteOf(place, { authorization: '' }), thing),
    ask: (path, { thing, signal }, read) =>
      signedIn(signal, (headers) => {
        const question = { url: `${place.apiUrl}${path}`, thing, signal };
        return ask(forge, siteOf(place, headers), question, read);
      }),
  };
}

const siteOf = ({ repo, apiUrl, setting }: Place, headers: Headers): Site => ({
  ...{ repo, headers, setting, host: new URL(apiUrl).host },
  needs: 'a user who may write to the repository, as Diversion asks even of who only reads trees',
});

type Access = { readonly token: string; readonly ms: number };

async function exchange(place: Place, http: Http, signal: AbortSignal): Promise<Access> {
  const url = `${place.authUrl}/oauth2/token`;
  const subject = `POST ${new URL(url).host}/oauth2/token`;
  const form = { grant_type: 'refresh_token', refresh_token: place.token };
  try {
    const answer = await http.request({
      ...{ method: 'POST', url, repeat: 'safe', signal },
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: new URLSearchParams({ ...form, client_id: place.clientId }).toString(),
    });
    return accessIn(jsonOf(answer, subject), subject);
  } catch (error) {
    throw refusalOf(error, place, subject);
  }
}

function accessIn(body: unknown, subject: string): Access {
  const { access_token: token, expires_in: seconds } = (body ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const message = `${subject} failed: the answer holds no access token; is there a proxy in between?`;
    throw new RemoteError(message, { kind: 'unavailable' });
  }
  const isTime = typeof seconds === 'number' && seconds > 0 && seconds < 1e7;
  return { token, ms: (isTime ? seconds : 3600) * 1000 };
}

/** Words of the answer may quote the token, so only OAuth's own are shown. */
function refusalOf(error: unknown, { setting }: Place, subject: string): unknown {
  if (!(error instanceof RemoteError) || error.status === undefined || error.status > 499) {
    return error;
  }
  if (error.kind === 'unavailable') return error;
  const { status, answer } = error;
  const [, code = ''] = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(answer?.body ?? '') ?? [];
  const said = code ? ` (${code})` : '';
  const message = `${subject} failed: the service answered ${status}${said}`;
  // Anything else is not what an exchange answers with.
  if (![400, 401, 403].includes(status)) {
    return new RemoteError(`${message}; is diversion_auth_url right?`, { kind: 'refused', status });
  }
  const why =
    code === 'invalid_client' || code === 'unauthorized_client'
      ? 'diversion_client_id is not known there'
      : `${setting} is wrong, expired or revoked, or belongs to another diversion_client_id`;
  return new RemoteError(`${message}; ${why}`, { kind: 'credentials', status });
}
