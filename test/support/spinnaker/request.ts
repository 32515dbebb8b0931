const accept = 'text/plain, application/json, application/cbor, application/*+json, */*';

/** Headers and body that RestTemplate's converters and okhttp make of a stage's call. */
export function requestOf(
  { method, url }: { readonly method: string; readonly url: string },
  customHeaders: Readonly<Record<string, string>>,
  payload: string,
  isChunked: boolean,
) {
  const headers: Record<string, string> = {
    Accept: accept,
    'User-Agent': 'okhttp/4.9.3',
    'Accept-Encoding': 'gzip',
    Connection: 'Keep-Alive',
    ...customHeaders,
  };
  if (method === 'GET') {
    return { method, url, headers: { ...headers, 'Content-Length': '0' }, body: Buffer.alloc(0) };
  }
  const type = customHeaders['Content-Type'];
  if (payload !== '') headers['Content-Type'] = type ?? 'text/plain;charset=ISO-8859-1';
  const body = /json|charset=utf-?8/i.test(type ?? '') ? Buffer.from(payload) : latin(payload);
  if (isChunked && body.length > 0) headers['Transfer-Encoding'] = 'chunked';
  else headers['Content-Length'] = String(body.length);
  return { method, url, headers, body };
}

/** What has no place in ISO 8859-1 becomes a question mark. */
const latin = (text: string): Buffer =>
  Buffer.from(
    [...text].map((one) => ((one.codePointAt(0) ?? 0) < 256 ? one : '?')).join(''),
    'latin1',
  );
