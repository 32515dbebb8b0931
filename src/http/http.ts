/**
 * A body that is too large to hold: opened anew for each try, and never longer or shorter than it says. The memory of
 * a piece is the source's again once the next one is asked for, which is when the first has left.
 */
export type Source = { readonly bytes: number; open(): AsyncIterable<Uint8Array> };

/** One exchange. A URL's query, headers and body never reach a log or an error. */
export type Exchange = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Source;
  /** Longest wait for this exchange; `http_timeout` if that is shorter. */
  readonly timeoutMs?: number;
  /** How long the connection may be silent, in place of `http_timeout`: for what lasts, or is answered late. */
  readonly silenceMs?: number;
  /**
   * `safe`: may be repeated whatever happened (a read, or idempotent by a key that it carries).
   * `once` (default for all but GET and HEAD): an answer that did not come leaves the outcome unknown.
   */
  readonly repeat?: 'safe' | 'once';
  /** The path is part of the secret and is not shown. */
  readonly secretPath?: boolean;
  /** `none`: a redirect is an answer as any other, for a service that answers with its login page. */
  readonly redirects?: 'none';
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

/** One WebSocket, asked for as any other exchange is. Headers never reach a log or an error. */
export type Call = Pick<Exchange, 'url' | 'headers' | 'signal'>;

/** A whole message. Text is not checked: some services cut a letter in two. */
export type Message = { readonly isText: boolean; readonly bytes: Uint8Array };

/**
 * Messages in their order, read only as fast as they are taken. Ends when the remote ends in good order, or the
 * signal aborts; throws a RemoteError when the connection is cut. To leave the loop is to hang up.
 */
export interface Socket extends AsyncIterable<Message> {
  send(message: Message): void;
  /** At once, for many a service never answers a farewell. */
  close(): void;
}

/** A certificate of our own with its chain, and its private key without a passphrase; both PEM. */
export type Identity = { readonly cert: string; readonly key: string };

/** What one service needs to be trusted, besides what all are trusted by; and by what it knows us. */
export type Trust = {
  readonly caCert?: string | undefined;
  readonly skipVerify?: boolean;
  readonly identity?: Identity | undefined;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** At most 8 MiB; more is a failure. */
  readonly body: string;
  /** Where the answer came from, after redirects within one host. */
  readonly url: string;
};

/** A body that is too large to hold. A redirect that `accept` takes (2xx by default) is not followed. */
export type Download<T> = Pick<Exchange, 'url' | 'headers' | 'accept' | 'backOff' | 'signal'> & {
  /** Most bytes that are taken; more is a failure. */
  readonly most: number;
  /** What to do about such a failure, for people. */
  readonly cure?: string;
  /** How often a failure that may pass is repeated; 4 by default. */
  readonly mostRepeats?: number;
  /**
   * Reads the body of one answer, and is called anew for each. A RemoteError of kind `unavailable` that it throws is
   * repeated as a broken connection is; anything else ends the download.
   */
  take(body: AsyncIterable<Uint8Array>, answer: Omit<Answer, 'body'>): Promise<T>;
};

/**
 * The one way out. Resolves with any answer that `accept` takes (2xx and 304 by default), rejects with a RemoteError
 * otherwise. Network failures, 408, 429 and 5xx are repeated while `repeat` allows and the signal lives.
 * A redirect to another host is refused, for it would carry the credential along.
 */
export interface Http {
  request(exchange: Exchange): Promise<Answer>;
  /** Rejects with a RemoteError where there is no connection; goes the same way as requests do. */
  socket(call: Call): Promise<Socket>;
  /** The same for a service with a trust of its own; closed together with this. */
  trusting(trust: Trust): Http;
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
