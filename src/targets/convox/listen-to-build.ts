import { messageOf, RemoteError } from '../../errors.ts';
import type { BuildLog } from './build-log.ts';
import type { Deploying } from './stage.ts';

/** For what is left of the log once the build is over: this long in all, and between two pieces. */
const restMs = 30_000;
const idleMs = 2000;
const longestRetryMs = 15_000;

export type Listener = {
  /** The build is over: waits for the rest of its log, within reason. */
  finish(): Promise<void>;
  stop(): void;
};

/** Passes the log of a build on while it runs. What becomes of the build, it does not decide. */
export function listenToBuild(
  { deps: { clock, log: voice }, job, rack }: Deploying,
  id: string,
  log: BuildLog,
  onPause: () => void,
): Listener {
  let live = new AbortController();
  const between = new AbortController();
  let isOver = false;
  let heardAt = clock.now();

  async function hear(): Promise<void> {
    const { signal } = live;
    const pass = async (bytes: Buffer): Promise<void> => {
      if (bytes.length > 0 && !signal.aborted) await job.output(bytes);
      heardAt = clock.now();
    };
    try {
      const socket = await rack.buildLogs(id, signal);
      log.begin();
      let isWhole = false;
      for await (const { isText, bytes } of socket) {
        // Any binary message is the end; the rack neither closes nor answers a farewell.
        isWhole = !isText;
        if (isWhole) break;
        await pass(log.take(bytes));
      }
      await pass(log.end(isWhole));
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      if (!signal.aborted) voice.debug(`The build's log is interrupted: ${messageOf(error)}`);
    }
    const complaint = log.complaint();
    if (complaint) voice.debug(`The rack does not tell the build's log: ${complaint}`);
  }

  async function follow(): Promise<void> {
    let pause = 1000;
    while (!isOver) {
      const told = log.count();
      await hear();
      if (isOver) return;
      onPause();
      pause = log.count() > told ? 1000 : Math.min(pause * 2, longestRetryMs);
      await clock.pause(pause, between.signal);
    }
  }

  /** Until it is done, silent for too long, or late; then the connection is cut. */
  async function patiently(work: Promise<void>): Promise<void> {
    const began = clock.now();
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone && !job.signal.aborted) {
      const left = Math.min(began + restMs, Math.max(began, heardAt) + idleMs) - clock.now();
      if (left <= 0) break;
      const waited = new AbortController();
      await Promise.race([done, clock.pause(left, waited.signal)]);
      waited.abort();
    }
    live.abort();
    await done;
  }

  const following = follow();
  // A fault of ours comes out where it is waited for.
  following.catch(() => {});
  return {
    async finish() {
      isOver = true;
      between.abort();
      await patiently(following);
      if (job.signal.aborted) return;
      // The stored log has what a stream that ended early or never began did not tell.
      live = new AbortController();
      await patiently(hear());
    },
    stop() {
      isOver = true;
      between.abort();
      live.abort();
    },
  };
}
