import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { announce } from '../run/announce.ts';
import { run } from '../run/run.ts';
import type { SavedEnding } from '../run/saved.ts';
import { isOver, type Run } from '../store/run.ts';
import type { Store } from '../store/store.ts';
import { openParts, runDeps } from './carry-out.ts';
import { prepare } from './prepare.ts';
import { baseOf, type Serving } from './serving.ts';

/** A run that is taken at once says so itself. */
const patienceMs = 1000;

/** Tells forges of runs that nobody executes: that they wait for their turn, and that they ended while they waited. */
export function createTellers(serving: Serving, store: Store, log: Log): () => void {
  const { clock } = serving.host;
  const over = new AbortController();

  async function tell(id: string): Promise<void> {
    await clock.pause(patienceMs, over.signal);
    const known = over.signal.aborted ? undefined : await store.runs.get(id);
    if (!known || known.startedAt !== undefined) return;
    if (known.status === 'QUEUED') await onBehalf(serving, known, over.signal, undefined);
    else if (isOver(known.status)) await onBehalf(serving, known, over.signal, endingOf(known));
  }

  const end = store.watch((news) => {
    if (news.what !== 'waiting' && news.what !== 'ended') return;
    tell(news.id).catch((error: unknown) => {
      log.warn(`The forge may not know how run ${news.id} stands: ${messageOf(error)}`);
    });
  });
  return () => {
    over.abort();
    end();
  };
}

const endingOf = ({ status, progress }: Run): SavedEnding => ({
  outcome: status === 'SUPERSEDED' ? 'superseded' : 'cancelled',
  description: progress || 'Cancelled before it began',
  tell: 'terminal',
  results: {},
  started: false,
});

async function onBehalf(
  serving: Serving,
  known: Run,
  signal: AbortSignal,
  ending: SavedEnding | undefined,
): Promise<void> {
  const base = await baseOf(serving, known, {}, { signal, write: () => {} });
  const prepared = prepare(base, 'deploy');
  try {
    const order = { ...prepared.order, runId: known.id };
    const deps = { ...runDeps(prepared, openParts(prepared)), supersede: false };
    if (ending) await run(order, { ...deps, saved: { ending } });
    else await announce(order, deps);
  } finally {
    prepared.http.close();
  }
}
