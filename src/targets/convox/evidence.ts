import { RemoteError } from '../../errors.ts';
import { type Diagnosis, readDiagnosis } from './diagnosis.ts';
import { isForbidden } from './dialect.ts';
import type { Deploying } from './stage.ts';

const firstMs = 60_000;
const patienceMs = 5000;

export type Evidence = {
  /** Asks the rack what is wrong: `now` once, `in time` after a minute, two, four … Nobody waits for the answer. */
  take(when: 'now' | 'in time'): void;
  /** The reason in one line; what else is known goes into the log. */
  sum(): Promise<string | undefined>;
  stop(): void;
};

const unreadable =
  'why is not to be seen, for the credential may not read the diagnosis of the rack';

/** Pods vanish when a rollout is undone, so they are asked about while they are there. */
export function createEvidence({ rack, deps }: Deploying): Evidence {
  const over = new AbortController();
  const { clock, log } = deps;
  let latest: Diagnosis | undefined;
  let mayAsk = true;
  let isTaken = false;
  let isRefused = false;
  let asking: Promise<void> = Promise.resolve();
  let wait = firstMs;
  let next = clock.now() + wait;

  async function ask(): Promise<void> {
    try {
      const found = readDiagnosis(await rack.diagnose(over.signal));
      // What was seen before the pods went is worth more than that they are gone.
      if (found.lines.length > 0 || latest === undefined) latest = found;
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      if (error.kind !== 'unavailable') mayAsk = false;
      isRefused ||= isForbidden(error);
      if (!over.signal.aborted) log.debug(`The rack gives no diagnosis: ${error.message}`);
    }
  }

  return {
    take(when) {
      if (!mayAsk || isTaken || (when === 'in time' && clock.now() < next)) return;
      isTaken = when === 'now';
      wait *= 2;
      next = clock.now() + wait;
      asking = asking.then(ask);
      asking.catch(() => {});
    },
    async sum() {
      // A diagnosis that is on its way is worth a moment.
      const waited = new AbortController();
      await Promise.race([asking, clock.pause(patienceMs, waited.signal)]);
      waited.abort();
      for (const line of latest?.lines ?? []) log.warn(line);
      return latest?.reason ?? (isRefused ? unreadable : undefined);
    },
    stop: () => over.abort(),
  };
}
