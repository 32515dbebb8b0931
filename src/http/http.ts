/** One exchange. A URL's query, headers and body never reach a log or an error. */
export type Exchange = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Longest wait for this exchange; `http_timeout` if that is shorter. */
  readonly timeoutMs?: number;
  /**
   * `safe`: may be repeated whatever happened (a read, or idempotent by a key that it carries).
   * `once` (default for all but GET and HEAD): an answer that did not come leaves the outcome unknown.
   */
  readonly repeat?: 'safe' | 'once';
  /** The path is part of the secret and is not shown. */
  readonly secretPath?: boolean;
  /** Statuses that are answers, not failures; 2xx and 304 by default. */
  readonly accept?: (status: number) => boolean;
  /**
   * The remote's dialect of "not now": how many ms to wait before the same request, for which the remote did
   * nothing yet. Asked before the general rules (Retry-After on 429 and 503). Throws the failure itself when there
   * is no use in waiting.
   */
  readonly backOff?: (answer: Answer) => number | undefined;
  readonly signal: AbortSignal;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** At most 8 MiB; more is a failure. */
  readonly body: string;
  /** Where the answer came from, after redirects within one host. */
  readonly url: string;
};

/** A body that is too large to hold. */
export type Download<T> = Pick<Exchange, 'url' | 'headers' | 'backOff' | 'signal'> & {
  /** Most bytes that are taken; more is a failure. */
  readonly most: number;
  /** What to do about such a failure, for people. */
  readonly cure?: string;
  /**
   * Reads the body of one answer, and is called anew for each. A RemoteError of kind `unavailable` that it throws is
   * repeated as a broken connection is; anything else ends the download.
   */
  take(body: AsyncIterable<Uint8Array>, answer: Omit<Answer, 'body'>): Promise<T>;
};

/** One exchange as it went, for traces and for whoever counts them. */
export type Seen = {
  readonly method: string;
  readonly where: string;
  readonly status: number | undefined;
  readonly ms: number;
};

/**
 * The one way out. Resolves with any answer that `accept` takes (2xx and 304 by default), rejects with a RemoteError
 * otherwise. Network failures, 408, 429 and 5xx are repeated while `repeat` allows and the signal lives.
 * A redirect to another host is refused, for it would carry the credential along.
 */
export interface Http {
  request(exchange: Exchange): Promise<Answer>;
  /** Drops kept connections, so that the process can end. */
  close(): void;
}

/**
 * The way in for what is large. A redirect is followed to other hosts too, which get none of the headers but `accept`:
 * forges hand their archives out elsewhere, by links that are signed.
 */
export interface Downloads {
  download<T>(download: Download<T>): Promise<T>;
}
