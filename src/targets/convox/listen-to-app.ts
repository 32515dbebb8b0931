import { RemoteError } from '../../errors.ts';
import { createLines, hashOf } from './lines.ts';
import type { Deploying, Promoting } from './stage.ts';

const processesEveryMs = 10_000;
const againMs = 5000;
const longestAgainMs = 30_000;
const ringSize = 500;

export type Voices = {
  /** Asks for the processes, now and then. Nobody waits for the answer. */
  look(): void;
  stop(): Promise<void>;
};

/** What the rack tells of a rollout while it goes on, as far as the credential may hear it. None of it decides. */
export function listenToApp(d: Deploying, { release }: Promoting, onNews: () => void): Voices {
  const { rack, job, deps } = d;
  const over = new AbortController();
  const known: number[] = [];
  let lookedAt = deps.clock.now();
  let mayLook = true;
  let isLooking = false;
  let looking: Promise<void> = Promise.resolve();
  const states = new Map<string, string>();

  const isNews = (line: Buffer): boolean => {
    // `2026-03-18T14:30:49Z system/k8s/atom/app Status: Running => Pending`
    if (!/^\S+ system\//.test(line.toString('latin1', 0, 100))) return false;
    // Each connection tells the last five seconds once more.
    const hash = hashOf(line);
    if (known.includes(hash)) return false;
    known.push(hash);
    if (known.length > ringSize) known.shift();
    return true;
  };

  /** One connection; true when the rack has said, in the place of a log, that there is none. */
  async function hear(): Promise<boolean> {
    const socket = await rack.appLogs(over.signal);
    const lines = createLines();
    let isRefused = false;
    for await (const { isText, bytes } of socket) {
      if (!isText) break;
      const all = lines.push(bytes);
      isRefused = all.some((line) => line.toString('latin1', 0, 7) === 'ERROR: ');
      const news = all.filter(isNews);
      if (news.length === 0 || over.signal.aborted) continue;
      onNews();
      await job.output(Buffer.concat(news));
    }
    return isRefused;
  }

  async function follow(): Promise<void> {
    for (let pause = againMs; !over.signal.aborted; pause = Math.min(pause * 2, longestAgainMs)) {
      try {
        if (await hear()) return;
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        if (over.signal.aborted) return;
        deps.log.debug(`The app's log is not told: ${error.message}`);
        if (error.kind !== 'unavailable') return;
      }
      await deps.clock.pause(pause, over.signal);
    }
  }
  const following = follow();
  // A fault of ours comes out at the end, where it is waited for.
  following.catch(() => {});

  async function askForProcesses(): Promise<void> {
    try {
      for (const { id, name, status } of await rack.processes(release, over.signal)) {
        const before = states.get(id);
        states.set(id, status);
        if (status === before || (before === undefined && status === 'running')) continue;
        if (!over.signal.aborted) job.progress(`process ${id} of ${name} is ${status}`);
      }
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      // Not every credential may, and not every rack can.
      if (error.kind !== 'unavailable') mayLook = false;
      if (!over.signal.aborted) deps.log.debug(`The processes are not told: ${error.message}`);
    }
  }

  return {
    look() {
      const now = deps.clock.now();
      if (!mayLook || isLooking || now - lookedAt < processesEveryMs) return;
      lookedAt = now;
      isLooking = true;
      looking = askForProcesses().finally(() => {
        isLooking = false;
      });
      looking.catch(() => {});
    },
    async stop() {
      over.abort();
      await Promise.all([following, looking]);
    },
  };
}
