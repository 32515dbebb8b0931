import { RemoteError } from '../../errors.ts';
import { type Diagnosis, readDiagnosis } from './diagnosis.ts';
import type { Deploying } from './stage.ts';

const firstMs = 60_000;

export type Evidence = {
  /** Asks the rack what is wrong: `now` once, `in time` after a minute, two, four … */
  take(when: 'now' | 'in time'): Promise<void>;
  /** The reason in one line; what else is known goes into the log. */
  sum(): string | undefined;
};

/** Pods vanish when a rollout is undone, so they are asked about while they are there. */
export function createEvidence({ rack, job, deps }: Deploying): Evidence {
  const { clock, log } = deps;
  let latest: Diagnosis | undefined;
  let mayAsk = true;
  let isTaken = false;
  let wait = firstMs;
  let next = clock.now() + wait;

  async function ask(): Promise<void> {
    try {
      const found = readDiagnosis(await rack.diagnose(job.signal));
      // What was seen before the pods went is worth more than that they are gone.
      if (found.lines.length > 0 || latest === undefined) latest = found;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      if (error.kind !== 'unavailable') mayAsk = false;
      log.debug(`The rack gives no diagnosis: ${error.message}`);
    }
  }

  return {
    async take(when) {
      if (!mayAsk || isTaken || (when === 'in time' && clock.now() < next)) return;
      isTaken = when === 'now';
      wait *= 2;
      next = clock.now() + wait;
      await ask();
    },
    sum() {
      for (const line of latest?.lines ?? []) log.warn(line);
      return latest?.reason;
    },
  };
}
