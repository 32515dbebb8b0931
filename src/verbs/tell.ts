import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { announce } from '../run/announce.ts';
import { run } from '../run/run.ts';
import type { SavedEnding } from '../run/saved.ts';
import { isOver, type NewRun, type Run } from '../store/run.ts';
import type { Store } from '../store/store.ts';
import { openParts, runDeps } from './carry-out.ts';
import { prepare } from './prepare.ts';
import { baseOf, deploymentOf, type Serving } from './serving.ts';

/** A run that is taken at once says so itself. */
const patienceMs = 1000;
/** Thousands may wait, and each is several requests to a forge. */
const mostAtOnce = 4;

type Due = { readonly id: string; readonly at: number };

/** Tells forges of runs that nobody executes: that they wait for their turn, and that they ended while they waited. */
export function createTellers(serving: Serving, store: Store, log: Log): () => void {
  const { clock } = serving.host;
  const over = new AbortController();
  const line: Due[] = [];
  let tellers = 0;

  async function tell(id: string): Promise<void> {
    const known = await store.runs.get(id);
    if (!known || known.startedAt !== undefined || isSilent(serving, known)) return;
    const ending = isOver(known.status) ? endingOf(known) : undefined;
    const request = (await store.runs.request(id)) ?? {};
    await onBehalf(serving, { known, request, ending }, over.signal);
  }

  async function tellInTurn(): Promise<void> {
    tellers += 1;
    for (let due = line.shift(); due && !over.signal.aborted; due = line.shift()) {
      const { id, at } = due;
      // A clock that was set back is not waited for.
      const wait = Math.min(Math.max(at - clock.now(), 0), patienceMs);
      await clock.pause(wait, over.signal);
      if (over.signal.aborted) break;
      await tell(id).catch((error: unknown) => {
        log.warn(`The forge may not know how run ${id} stands: ${messageOf(error)}`);
      });
    }
    tellers -= 1;
  }

  const end = store.watch((news) => {
    if (news.what !== 'waiting' && news.what !== 'ended') return;
    line.push({ id: news.id, at: clock.now() + patienceMs });
    if (tellers < mostAtOnce) void tellInTurn();
  });
  return () => {
    over.abort();
    end();
  };
}

/** Said in slipway.yml: nobody is told, and nothing need be prepared to find that out. */
const isSilent = (serving: Serving, run: Run): boolean =>
  deploymentOf(serving, run)?.settings.report?.trim() === 'none';

const endingOf = ({ status, progress }: Run): SavedEnding => ({
  outcome: status === 'SUPERSEDED' ? 'superseded' : 'cancelled',
  description: progress || 'Cancelled before it began',
  tell: 'terminal',
  results: {},
  started: false,
});

type Told = {
  readonly known: Run;
  readonly request: NewRun['request'];
  readonly ending: SavedEnding | undefined;
};

async function onBehalf(
  serving: Serving,
  { known, request, ending }: Told,
  signal: AbortSignal,
): Promise<void> {
  const base = await baseOf(serving, known, request, { signal, write: () => {} });
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
