import { quoted, RemoteError } from '../../errors.ts';
import type { Download, Downloads } from '../../http/http.ts';
import type { Blob } from './entries.ts';
import type { Repository } from './repository.ts';
import type { Session } from './session.ts';

type Bytes = AsyncIterable<Uint8Array>;
export type Take<T> = (bytes: Bytes) => Promise<T>;
/** One way to the bytes of a file. May call `take` anew after a connection broke. */
export type Way = <T>(take: Take<T>, signal: AbortSignal) => Promise<T>;

/** What files are fetched with, and of which commit. */
export type Fetcher = {
  readonly http: Downloads;
  readonly session: Session;
  readonly repository: Repository;
  readonly commit: string;
};

/**
 * Ways to the bytes of a file, cheapest first. What one brings may be stale or wrong, which only the hash shows, so
 * there is a next one; the last is asked again.
 */
export function waysTo(fetcher: Fetcher, blob: Blob): readonly Way[] {
  const { link } = blob;
  // What is empty need not be asked for; that it is, the hash says.
  const inline = blob.bytes === 0 ? '' : blob.inline;
  const byApi: Way = (take, signal) => askApi({ ...fetcher, blob, signal }, take);
  return [
    ...(inline === undefined ? [] : [fromText(inline)]),
    ...(link === undefined ? [] : [fromLink(fetcher, link, blob)]),
    byApi,
    byApi,
  ];
}

const fromText =
  (base64: string): Way =>
  (take) =>
    take(one(Buffer.from(base64, 'base64')));

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Packed, what cannot be made smaller takes a little more. */
const mostOf = ({ bytes }: Blob): number => bytes + Math.ceil(bytes / 100) + 1024;

const fromLink =
  ({ http, session }: Fetcher, link: string, blob: Blob): Way =>
  (take, signal) => {
    const url = safe(link, session.apiUrl).href;
    const download = { url, most: mostOf(blob), accept: isWhole, take, signal };
    // There is another way.
    return http.download({ ...download, mostRepeats: 0 }).catch(refusedLink(blob));
  };

const isWhole = (status: number): boolean => status === 200;
const isPart = (status: number): boolean => status === 206;

/** From TLS nothing leads to where everybody listens. */
function safe(link: string, apiUrl: string): URL {
  const place = URL.canParse(link, apiUrl) ? new URL(link, apiUrl) : undefined;
  if (place && ['https:', new URL(apiUrl).protocol].includes(place.protocol)) return place;
  const message = 'Diversion says that a file is where nobody can fetch it safely';
  throw new RemoteError(message, { kind: 'refused' });
}

type Call = Fetcher & { readonly blob: Blob; readonly signal: AbortSignal };
type Answered<T> = { readonly value: T } | { readonly location: string; readonly range?: string };

async function askApi<T>(call: Call, take: Take<T>): Promise<T> {
  const { http, session, blob, signal } = call;
  const explain = (error: unknown): never => {
    throw session.explain(error, `${quoted(blob.path)} of ${call.commit}`);
  };
  const answered = await askPath(call, bySegment, take)
    .catch((error: unknown) => {
      // Others encode the path as a whole, and are understood.
      if (error instanceof RemoteError && error.status === 404 && /\//.test(blob.path))
        return askPath(call, encodeURIComponent, take);
      throw error;
    })
    .catch(explain);
  if ('value' in answered) return answered.value;
  const { location, range } = answered;
  const place = safe(location, session.apiUrl);
  if (range !== undefined && !/^bytes=\d{1,19}-\d{1,19}$/.test(range)) {
    throw new RemoteError('Diversion names no range of bytes that there is', { kind: 'refused' });
  }
  const fetch = (headers: Readonly<Record<string, string>>): Promise<T> =>
    http.download({
      ...{ url: place.href, most: mostOf(blob), take, signal },
      ...(range
        ? { headers: { ...headers, range }, accept: isPart }
        : { headers, accept: isWhole }),
    });
  // Storage is somebody else's: the link itself is what lets us in.
  const isAsked = isOurs(place, new URL(session.apiUrl));
  return isAsked
    ? session.signedIn(signal, fetch).catch(explain)
    : fetch({}).catch(refusedLink(blob));
}

/** The same failure in words that do not blame the token, which a storage never hears of. */
const refusedLink =
  ({ path }: Blob) =>
  (error: unknown): never => {
    const { message, status, kind, cause } = error as RemoteError;
    if (!(error instanceof RemoteError) || status === undefined || kind === 'unavailable')
      throw error;
    const what =
      status === 200
        ? 'leads to a whole where a part of it was asked for'
        : 'is not good there, as one that has expired';
    const why = `the link to ${quoted(path)} that Diversion signed ${what}`;
    throw new RemoteError(`${message}; ${why}`, { kind: 'refused', status, cause });
  };

const bySegment = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** A 204 with a Location is how this API redirects. */
function askPath<T>(
  { http, session, repository, commit, blob, signal }: Call,
  encode: (path: string) => string,
  take: Take<T>,
): Promise<Answered<T>> {
  const url = `${session.apiUrl}/repos/${repository.id}/blobs/${commit}/${encode(blob.path)}`;
  const receive: Download<Answered<T>>['take'] = async (bytes, { status, headers }) => {
    const { location, 'internal-source-range': range } = headers;
    if (status === 200) return { value: await take(bytes) };
    for await (const _ of bytes);
    if (location) return { location, ...(range ? { range } : {}) };
    const message = `GET ${new URL(url).host} answered ${status} for a file, and does not say where it is`;
    throw new RemoteError(message, { kind: 'unavailable', status });
  };
  const accept = (status: number): boolean =>
    status === 200 || status === 204 || (status > 300 && status < 309 && status !== 304);
  return session.signedIn(signal, (headers) =>
    http.download({ url, headers, most: mostOf(blob), accept, take: receive, signal }),
  );
}

const isOurs = (place: URL, api: URL): boolean =>
  place.origin === api.origin ||
  (api.hostname.endsWith('.diversion.dev') &&
    place.protocol === 'https:' &&
    place.hostname.endsWith('.diversion.dev'));
