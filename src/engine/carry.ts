import type { Clock } from '../clock.ts';
import { messageOf, type Stop } from '../errors.ts';
import type { Log } from '../log.ts';
import { LeaseLost } from '../store/errors.ts';
import type { RunEnd } from '../store/run.ts';
import type { Ending, Lease } from '../store/store.ts';

/** How a run ended, for the store. */
export type Executed = { readonly status: RunEnd; readonly words: Ending };

/**
 * Executes a claimed run. `signal.reason` is a Stop. Never rejects, but with what `lease` rejected with. What `resumes`
 * can be gone on with by another process, from its last checkpoint.
 */
export type Execute = (
  lease: Lease,
  signal: AbortSignal,
) => {
  readonly resumes: boolean;
  readonly done: Promise<Executed>;
};

export type Running = {
  /** Resolves when the run is over, or is not ours any more. */
  readonly done: Promise<void>;
  /** Somebody asked for its end: looks at once. */
  heed(): void;
  /** Hands it over, or ends it where nobody could go on with it. */
  leave(): Promise<void>;
};

type CarryDeps = {
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: Execute;
};

/** Keeps one run's lease while it is executed, and stores its end. */
export function carry(lease: Lease, { leaseMs, clock, log, execute }: CarryDeps): Running {
  const { id } = lease.run;
  const stopping = new AbortController();
  const over = new AbortController();
  const stop = (reason: Stop): void => stopping.abort(reason);
  let isLeft = false;
  let renewing: Promise<void> | undefined;

  async function renew(): Promise<void> {
    try {
      const cancel = await lease.renew();
      if (cancel) stop({ kind: 'request', reason: reasonOf(cancel) });
    } catch (error) {
      if (over.signal.aborted || isLeft) return;
      if (error instanceof LeaseLost) letGo();
      else log.warn(`The lease of run ${id} could not be renewed: ${messageOf(error)}`);
    }
  }
  /** Another process goes on with it. What is told to stop would cancel there what the other one follows. */
  function letGo(): void {
    isLeft = true;
    over.abort();
    log.warn(`Run ${id} was taken by another process: its lease had run out`);
    if (!resumes) stop({ kind: 'shutdown' });
  }
  const look = (): Promise<void> => {
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
  async function keep(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.pause(leaseMs / 3, over.signal);
      if (!over.signal.aborted && !isLeft) await look();
    }
  }

  // Asked for while nobody had the run: not one more step is taken first.
  const { cancel } = lease.run;
  if (cancel) stop({ kind: 'request', reason: reasonOf(cancel) });
  const { resumes, done } = execute(lease, stopping.signal);
  async function finish(): Promise<void> {
    try {
      const { status, words } = await done;
      if (isLeft) return;
      await lease.end(status, words);
    } catch (error) {
      if (isLeft) return;
      if (error instanceof LeaseLost) log.info(`Another process goes on with run ${id}`);
      else log.error(`The end of run ${id} could not be stored: ${messageOf(error)}`);
    } finally {
      over.abort();
    }
  }
  void keep();
  const finished = finish();

  return {
    done: finished,
    heed: () => void look(),
    async leave() {
      if (!resumes) {
        stop({ kind: 'shutdown' });
        await finished;
        return;
      }
      // From here on the store refuses every step that it would take.
      isLeft = true;
      over.abort();
      await lease.release().catch((error: unknown) => {
        log.warn(`Run ${id} is left to whoever finds its lease run out: ${messageOf(error)}`);
      });
      log.info(`Run ${id} is handed over`);
    },
  };
}

/** For people: why somebody asked for a run's end, and who. */
export const reasonOf = ({
  by,
  reason,
}: {
  readonly by: string;
  readonly reason?: string;
}): string => (reason ? `${reason} (${by})` : `by ${by}`);
