import { reasonOf } from '../engine/carry.ts';
import { messageOf, type Stop } from '../errors.ts';
import type { Log } from '../log.ts';
import { announce } from '../run/announce.ts';
import { run } from '../run/run.ts';
import type { SavedEnding } from '../run/saved.ts';
import { isOver, type NewRun, type Run } from '../store/run.ts';
import type { Store } from '../store/store.ts';
import { openAudience, runDeps } from './carry-out.ts';
import { establish } from './establish.ts';
import { type Prepared, prepare } from './prepare.ts';
import { baseOf, deploymentOf, type Serving } from './serving.ts';

/** A run that is taken at once says so itself. */
const patienceMs = 1000;
/** Who has not heard of an end by then has looked for it elsewhere. */
const pastMs = 24 * 3_600_000;
const mostUntold = 200;
const announceMs = 60_000;

const yielded: Stop = { kind: 'shutdown' };

/** Thousands may wait, and each is several requests to a forge. */
const mostAtOnce = 4;

type Due = { readonly id: string; readonly at: number };
type Telling = { readonly done: Promise<void>; stop(): void };

/** Tells forges of runs that nobody executes: that they wait for their turn, and that they ended while they waited. */
export function createTellers(serving: Serving, store: Store, log: Log): () => void {
  const { clock } = serving.host;
  const over = new AbortController();
  const announcing = new Map<string, Telling>();
  const line: Due[] = [];
  let tellers = 0;

  async function tell(id: string): Promise<void> {
    const known = over.signal.aborted ? undefined : await store.runs.get(id);
    if (!known || known.startedAt !== undefined || isSilent(serving, known)) return;
    const told = { known, request: (await store.runs.request(id)) ?? {} };
    if (isOver(known.status)) {
      // What is on its way must not arrive after the last word.
      await announcing.get(id)?.done;
      await endOnBehalf(serving, told, over.signal);
    } else if (known.status === 'QUEUED' && !announcing.has(id)) {
      const stopping = new AbortController();
      const signal = AbortSignal.any([over.signal, stopping.signal]);
      const done = announceOnBehalf(serving, told, signal).finally(() => announcing.delete(id));
      announcing.set(id, { done: done.catch(() => {}), stop: () => stopping.abort(yielded) });
      await done;
    }
  }

  const say = (id: string): Promise<void> =>
    tell(id).catch((error: unknown) => {
      log.warn(`The forge may not know how run ${id} stands: ${messageOf(error)}`);
    });

  async function sayInTurn(): Promise<void> {
    tellers += 1;
    for (let due = line.shift(); due && !over.signal.aborted; due = line.shift()) {
      // A clock that was set back is not waited for.
      const wait = Math.min(Math.max(due.at - clock.now(), 0), patienceMs);
      await clock.pause(wait, over.signal);
      await say(due.id);
    }
    tellers -= 1;
  }

  /** A run that is taken speaks for itself from then on. */
  async function yieldTo(id: string): Promise<void> {
    const known = await store.runs.get(id).catch(() => undefined);
    if (known && known.status !== 'QUEUED') announcing.get(id)?.stop();
  }

  /** What the process before this one has not told any more. */
  async function catchUp(): Promise<void> {
    const statuses = ['QUEUED', 'CANCELED', 'SUPERSEDED'] as const;
    const { runs } = await store.runs.list({ statuses, limit: mostUntold });
    for (const { id, startedAt, createdAt, endedAt = createdAt, status } of runs) {
      const isPast = status !== 'QUEUED' && clock.now() - endedAt > pastMs;
      if (startedAt === undefined && !isPast && !over.signal.aborted) await say(id);
    }
  }

  const end = store.watch((news) => {
    if (news.what === 'missed' || news.what === 'log' || news.what === 'cancel') return;
    const { id } = news;
    if (announcing.has(id)) void yieldTo(id);
    if (news.what === 'changed') return;
    line.push({ id, at: clock.now() + patienceMs });
    if (tellers < mostAtOnce) void sayInTurn();
  });
  void clock
    .pause(patienceMs, over.signal)
    .then(catchUp)
    .catch((error: unknown) => log.warn(`Untold runs could not be listed: ${messageOf(error)}`));
  return () => {
    over.abort(yielded);
    end();
  };
}

/** Said in slipway.yml: nobody is told, and nothing need be prepared to find that out. */
const isSilent = (serving: Serving, run: Run): boolean =>
  deploymentOf(serving, run)?.settings.report?.trim() === 'none';

type Told = { readonly known: Run; readonly request: NewRun['request'] };

const endingOf = ({ status, progress, cancel }: Run): SavedEnding => ({
  outcome: status === 'SUPERSEDED' ? 'superseded' : 'cancelled',
  description: cancel ? `Cancelled: ${reasonOf(cancel)}` : progress || 'Ended before it began',
  tell: 'terminal',
  results: {},
  started: false,
});

async function endOnBehalf(serving: Serving, told: Told, signal: AbortSignal): Promise<void> {
  const { known } = told;
  await behalf(serving, told, signal, async (prepared) => {
    const deps = { ...runDeps(prepared, openAudience(prepared)), supersede: false };
    await run(
      { ...prepared.order, runId: known.id },
      { ...deps, saved: { ending: endingOf(known) } },
    );
  });
}

/** A ref alone is looked up when its turn comes: until then nobody knows of which commit to speak. */
async function announceOnBehalf(serving: Serving, told: Told, signal: AbortSignal): Promise<void> {
  const { known } = told;
  const deployment = deploymentOf(serving, known);
  if (!deployment || !(known.commit ?? known.deploymentId)) return;
  await behalf(serving, told, signal, async (asked) => {
    const kind = known.deploymentId ? ('deployment' as const) : undefined;
    const order = { deployment, kind, ms: announceMs, progress: () => {} };
    const established = await establish(asked, order);
    // Whatever stands against it is for the run itself to say.
    if ('ending' in established) return;
    const { prepared } = established;
    const deps = { ...runDeps(prepared, openAudience(prepared)), supersede: false };
    await announce({ ...prepared.order, runId: known.id }, deps);
  });
}

async function behalf(
  serving: Serving,
  { known, request }: Told,
  signal: AbortSignal,
  speak: (prepared: Prepared) => Promise<void>,
): Promise<void> {
  const base = await baseOf(serving, known, request, { signal, write: () => {} });
  const prepared = prepare(base, 'deploy');
  try {
    if (prepared.reporters.length > 0) await speak(prepared);
  } finally {
    prepared.http.close();
  }
}
