import type { Clock } from './clock.ts';
import type { Env } from './settings/sources.ts';

/** The process as the verbs see it: main.ts makes one from the real process, tests and servers make their own. */
export type Host = {
  readonly argv: readonly string[];
  readonly env: Env;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborts when the process is told to end; its reason is a Stop. */
  readonly signal: AbortSignal;
  /** Every signal, as often as it comes: a server drains, ends at once, or reads its secrets again. */
  hear(listener: (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): void;
  /** Whether a person sees the output on a terminal. */
  readonly terminal: boolean;
  /** To stdout; resolves when more may come. */
  write(bytes: string | Uint8Array): Promise<void> | void;
  /** To stderr: why there is no run, and no words to print. What a run says goes to stdout alone, in one order. */
  writeError(text: string): Promise<void> | void;
};
