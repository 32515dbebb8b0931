import type { Clock } from '../../clock.ts';

/** Output waits for more of it for so long, or until there is so much. */
const pauseMs = 250;
const fullBytes = 64 * 1024;

export type LogWriter = {
  write(bytes: Uint8Array): Promise<void>;
  /** What waits is written. */
  flush(): Promise<void>;
};

/** Gathers output, so that a line is not a transaction. `keep` must not reject. */
export function createLogWriter(
  clock: Clock,
  keep: (bytes: Uint8Array) => Promise<void>,
): LogWriter {
  let parts: Uint8Array[] = [];
  let length = 0;
  let writing = Promise.resolve();
  let pausing: AbortController | undefined;

  const flush = (): Promise<void> => {
    pausing?.abort();
    pausing = undefined;
    if (length > 0) {
      const bytes = Buffer.concat(parts);
      parts = [];
      length = 0;
      writing = writing.then(() => keep(bytes));
    }
    return writing;
  };

  async function flushLater(pause: AbortController): Promise<void> {
    await clock.pause(pauseMs, pause.signal);
    if (!pause.signal.aborted) await flush();
  }

  return {
    async write(bytes) {
      if (bytes.length === 0) return;
      parts.push(Uint8Array.from(bytes));
      length += bytes.length;
      if (length >= fullBytes) return flush();
      if (pausing) return;
      pausing = new AbortController();
      void flushLater(pausing);
    },
    flush,
  };
}
