/**
 * Why the store cannot do it. `full` and `unavailable` pass: what was asked for did not happen, or (`unavailable`, when
 * the answer to a commit was lost) may have; asking again is harmless by keys. The rest is the operator's to mend.
 */
export type StoreFailure = 'full' | 'unavailable' | 'locked' | 'foreign' | 'corrupt' | 'newer';

/** The store failed. The message names the file or the setting, and the cure. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreFailure;

  constructor(kind: StoreFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** Another process owns the run by now, or it has ended: its former owner must change nothing more, here or elsewhere. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(id: string) {
    super(`run ${id} is no longer ours: its lease ran out, or it has ended`);
  }
}

export const passes = (error: unknown): error is StoreError =>
  error instanceof StoreError && (error.kind === 'full' || error.kind === 'unavailable');
