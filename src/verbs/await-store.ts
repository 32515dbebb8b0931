import { passes } from '../store/errors.ts';
import { openStore } from '../store/open.ts';
import type { Store, StoreDeps } from '../store/store.ts';
import type { Ready } from './ready.ts';

const askAgainMs = 2000;

/**
 * A database that is away may be starting as we are, and while we wait we answer. Whatever else is wrong with the store
 * is the operator's to mend. undefined: told to end before it was there.
 */
export async function awaitStore(
  ready: Ready,
  deps: StoreDeps,
  first: Promise<void>,
): Promise<Store | undefined> {
  const over = new AbortController();
  void first.then(() => over.abort());
  while (!over.signal.aborted) {
    try {
      return await openStore(whereOf(ready), deps);
    } catch (error) {
      const { databaseUrl } = ready.server;
      const mayCome = databaseUrl !== undefined && URL.canParse(databaseUrl);
      if (!mayCome || !passes(error)) throw error;
      deps.log.warn(`${error.message}; asking again`);
      await deps.clock.pause(askAgainMs, over.signal);
    }
  }
  return undefined;
}

const whereOf = ({ server: { dataDir, databaseUrl } }: Ready) => ({
  dataDir,
  ...(databaseUrl ? { databaseUrl } : {}),
});
