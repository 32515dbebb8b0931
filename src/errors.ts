/** One thing wrong with one setting, under the name that its author used. */
export type Fault = { readonly name: string; readonly message: string };

const longestQuoted = 80;
/** A bad value for a message: whole or not at all, for a secret that went astray cannot be redacted once it is cut. */
export const quoted = (value: string): string =>
  value.length > longestQuoted ? `${value.length} characters` : JSON.stringify(value);

/** The pipeline's author must act: every fault at once, no stack. Exit 2. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(
      ['Settings are not usable:', ...faults.map((f) => `  - ${f.name} ${f.message}`)].join('\n'),
    );
    this.faults = faults;
  }
}

/** What `make` makes; its faults go to the others, so that all are told at once. */
export function collect<T>(faults: Fault[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}

/**
 * What a remote's answer means for the next move.
 * `credentials` and `permission` are the author's to mend (exit 6 when nothing was deployed yet);
 * `unavailable` may pass; `refused` is the remote's considered no.
 */
export type RemoteKind = 'credentials' | 'permission' | 'unavailable' | 'refused';

export type RemoteFailure = {
  readonly kind: RemoteKind;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** True when the remote may have acted although we saw no answer: look before you repeat. */
  readonly unknown?: boolean;
  /** What the remote said, for whoever knows its dialect. */
  readonly answer?: RemoteAnswer;
  readonly cause?: unknown;
};
export type RemoteAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

/** A remote service, or our credentials for it, failed. The message names METHOD host/path and what came back. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly kind: RemoteKind;
  readonly status: number | undefined;
  readonly unknown: boolean;
  declare readonly answer: RemoteAnswer | undefined;

  constructor(message: string, failure: RemoteFailure) {
    super(message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.kind = failure.kind;
    this.status = failure.status;
    this.unknown = failure.unknown ?? false;
    // Not enumerable: no serialiser that meets this error writes a remote's answer down.
    Object.defineProperty(this, 'answer', { value: failure.answer, enumerable: false });
  }
}

/** The source tree cannot be used, through no fault of a remote's: the disk is full, the archive is not what a forge makes. */
export class CheckoutError extends Error {
  override readonly name = 'CheckoutError';
}

/** The reason an AbortSignal of ours carries: who ended the run. */
export type Stop =
  | { readonly kind: 'signal'; readonly name: 'SIGINT' | 'SIGTERM' | 'SIGHUP' }
  | { readonly kind: 'request'; readonly reason: string }
  /** The server ends, and nobody can go on with what this run has begun. */
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'person'; readonly reason: string };

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
