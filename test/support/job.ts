import type { Stop } from '../../src/errors.ts';
import type { Level, Log } from '../../src/log.ts';
import type { Order } from '../../src/order.ts';
import type { Checkpoint, Job } from '../../src/targets/target.ts';

export const order: Order = {
  runKey: '0123456789abcdef0123',
  seq: 1,
  expiry: 2,
  system: 'none',
  repo: 'octo/hello',
  environment: 'production',
  commit: '5'.repeat(40),
  ref: 'main',
  task: 'deploy',
  payload: {},
  written: {},
  startedBy: 'caller',
  ciPostsTerminal: false,
  logUrls: [],
};

export type Line = { readonly level: Level; readonly text: string };

/** A log that remembers. */
export function createNotes(): { readonly log: Log; readonly lines: Line[] } {
  const lines: Line[] = [];
  const note =
    (level: Level) =>
    (text: string): void =>
      void lines.push({ level, text });
  const log: Log = {
    error: note('error'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
    trace: note('trace'),
    spokeAt: () => 0,
    output: async () => {},
    endOutput: () => {},
  };
  return { log, lines };
}

export type Saved = { readonly when: 'before' | 'after'; readonly state: Checkpoint };

export type Recorded = {
  readonly job: Job;
  readonly saved: Saved[];
  readonly served: string[];
  readonly progress: string[];
  readonly results: Map<string, string>;
  readonly pieces: Uint8Array[];
  text(): string;
  /** How much was emitted, of any kind. */
  count(): number;
  stop(reason: Stop): void;
};

/** A job that remembers what the target told it. */
export function recordJob(changes: Partial<Job> = {}): Recorded {
  const controller = new AbortController();
  const saved: Saved[] = [];
  const served: string[] = [];
  const progress: string[] = [];
  const results = new Map<string, string>();
  const pieces: Uint8Array[] = [];
  let count = 0;
  const keep =
    <A extends readonly unknown[]>(how: (...given: A) => void) =>
    (...given: A): void => {
      count += 1;
      how(...given);
    };
  const job: Job = {
    order,
    signal: controller.signal,
    deadline: Date.now() + 60_000,
    tree: undefined,
    checkpoint: undefined,
    predecessor: false,
    attempt: '1',
    output: async (bytes) => keep(() => pieces.push(Uint8Array.from(bytes)))(),
    progress: keep((text: string) => progress.push(text)),
    serves: keep((url: string) => served.push(url)),
    result: keep((name: string, value: string) => results.set(name, value)),
    before: async (state) => keep(() => saved.push({ when: 'before', state }))(),
    after: async (state) => keep(() => saved.push({ when: 'after', state }))(),
    ...changes,
  };
  return {
    job,
    saved,
    served,
    progress,
    results,
    pieces,
    text: () => Buffer.concat(pieces).toString(),
    count: () => count,
    stop: (reason) => controller.abort(reason),
  };
}
