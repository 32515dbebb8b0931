import type { Calls } from './calls.ts';
import type { Definition } from './definition.ts';
import type { Verdict } from './read.ts';

/** `defaultRetryStatusCodes`, besides every 5xx. */
export const alwaysRetried: readonly number[] = [429];

/** RUNNING: once more, after the pause of the task. */
export type Step = {
  readonly verdict: Verdict;
  readonly error?: string;
  readonly statusUrl?: string;
  readonly id?: string;
};

export type Task = {
  readonly stage: Definition;
  readonly calls: Calls;
  isCanceled(): boolean;
  /** In Orca's time, and not beyond the end that a person asks for. */
  pause(ms: number): Promise<void>;
  /** Ms of Orca's time since this call. */
  watch(): () => number;
};
