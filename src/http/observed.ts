import { RemoteError, type RemoteKind } from '../errors.ts';
import type { Downloads, Http } from './http.ts';

/** Hears of each call that failed in the end, however often it was tried. */
export type Failed = (host: string, kind: RemoteKind) => void;

type Asked = { readonly url: string; readonly signal: AbortSignal };

/** The same client, whose failures somebody counts. What we broke off ourselves is none. */
export function observed(http: Http & Downloads, failed: Failed): Http & Downloads {
  async function noted<T>({ url, signal }: Asked, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      const isTheirs = error instanceof RemoteError && !signal.aborted;
      if (isTheirs) failed(URL.parse(url)?.host ?? 'unknown', error.kind);
      throw error;
    }
  }
  return {
    ...http,
    request: (exchange) => noted(exchange, http.request(exchange)),
    download: (download) => noted(download, http.download(download)),
  };
}
