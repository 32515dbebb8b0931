import type { Clock } from '../../clock.ts';
import type { Output } from './output.ts';

export type Draining = {
  readonly take: (bytes: Uint8Array) => Promise<void>;
  /** Resolves when the program has ended, and was stopped if it had to be. */
  readonly over: Promise<unknown>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
};

/** What the pipe may still hold when the program has ended is far less. */
const mostAfter = 4 * 1024 * 1024;
const stepMs = 50;
const quietMs = 1000;
/** The last status has to go out too. */
const stoppedMs = 250;

/**
 * Passes everything on as fast as it is taken. A grandchild may keep the pipe open after the program has ended:
 * it is given a second in which nothing else holds us up. Resolves with whether the pipe was closed.
 */
export async function drain(output: Output, draining: Draining): Promise<boolean> {
  const { take, over, signal, clock } = draining;
  let isOpen = true;
  let isReading = true;
  let bytesAfter = 0;
  let isOver = false;
  const read = async (): Promise<boolean> => {
    for await (const bytes of output) {
      if (!isOpen) return false;
      if (isOver) bytesAfter += bytes.length;
      isReading = false;
      await take(bytes);
      isReading = true;
    }
    return isOpen;
  };
  const limit = async (): Promise<boolean> => {
    await over;
    isOver = true;
    let waited = 0;
    while (isOpen && waited < (signal.aborted ? stoppedMs : quietMs)) {
      if (bytesAfter > mostAfter) break;
      await clock.pause(stepMs);
      // A slow reader of our log is no reason to lose the end of the output, unless we must go.
      if (isReading || signal.aborted) waited += stepMs;
    }
    return false;
  };
  try {
    // Destroying the pipe makes the reader throw, and so does a failing one: either way it is over.
    return await Promise.race([read().catch(() => false), limit()]);
  } finally {
    isOpen = false;
    output.destroy();
  }
}
