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

type Telling = { readonly done: Promise<void>; stop(): void };

/** Tells forges of runs that nobody executes: that they wait for their turn, and that they ended while they waited. */
export function createTellers(serving: Serving, store: Store, log: Log): () => void {
  const { clock } = serving.host;
  const over = new AbortController();
  const announcing = new Map<string, Telling>();

  async function tell(id: string): Promise<void> {
    const known = over.signal.aborted ? undefined : await store.runs.get(id);
    if (!known || known.startedAt !== undefined) return;
    if (isOver(known.status)) {
      // What is on its way must not arrive after the last word.
      await announcing.get(id)?.done;
      await endOnBehalf(serving, known, over.signal);
    } else if (known.status === 'QUEUED' && !announcing.has(id)) {
      const stopping = new AbortController();
      const signal = AbortSignal.any([over.signal, stopping.signal]);
      const done = announceOnBehalf(serving, known, signal).finally(() => announcing.delete(id));
      announcing.set(id, { done: done.catch(() => {}), stop: () => stopping.abort(yielded) });
      await done;
    }
  }

  const say = (id: string): Promise<void> =>
    tell(id).catch((error: unknown) => {
      log.warn(`The forge may not know how run ${id} stands: ${messageOf(error)}`);
    });

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
    void clock.pause(patienceMs, over.signal).then(() => say(id));
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

const endingOf = ({ status, progress, cancel }: Run): SavedEnding => ({
  outcome: status === 'SUPERSEDED' ? 'superseded' : 'cancelled',
  description: cancel ? `Cancelled: ${reasonOf(cancel)}` : progress || 'Ended before it began',
  tell: 'terminal',
  results: {},
  started: false,
});

async function endOnBehalf(serving: Serving, known: Run, signal: AbortSignal): Promise<void> {
  await behalf(serving, known, signal, async (prepared) => {
    const deps = { ...runDeps(prepared, openAudience(prepared)), supersede: false };
    await run(
      { ...prepared.order, runId: known.id },
      { ...deps, saved: { ending: endingOf(known) } },
    );
  });
}

/** A ref alone is looked up when its turn comes: until then nobody knows of which commit to speak. */
async function announceOnBehalf(serving: Serving, known: Run, signal: AbortSignal): Promise<void> {
  const deployment = deploymentOf(serving, known);
  if (!deployment || !(known.commit ?? known.deploymentId)) return;
  await behalf(serving, known, signal, async (asked) => {
    const kind = known.deploymentId ? ('deployment' as const) : undefined;
    const told = { deployment, kind, ms: announceMs, progress: () => {} };
    const established = await establish(asked, told);
    // Whatever stands against it is for the run itself to say.
    if ('ending' in established) return;
    const { prepared } = established;
    const deps = { ...runDeps(prepared, openAudience(prepared)), supersede: false };
    await announce({ ...prepared.order, runId: known.id }, deps);
  });
}

async function behalf(
  serving: Serving,
  known: Run,
  signal: AbortSignal,
  speak: (prepared: Prepared) => Promise<void>,
): Promise<void> {
  const base = await baseOf(serving, known, requestOf(known), { signal, write: () => {} });
  const prepared = prepare(base, 'deploy');
  try {
    if (prepared.reporters.length > 0) await speak(prepared);
  } finally {
    prepared.http.close();
  }
}

/** What was asked for, as far as everybody may see it: the rest comes with the claim. */
function requestOf({ source, commit, ref, task, deploymentId }: Run): NewRun['request'] {
  const given = Object.entries({ commit, ref, task, deployment_id: deploymentId });
  const facts = Object.fromEntries(given.flatMap(([name, raw]) => (raw ? [[name, raw]] : [])));
  if (['api', 'spinnaker', 'page'].includes(source)) return { settings: facts };
  const kind = deploymentId ? 'deployment' : 'push';
  const event = JSON.parse(JSON.stringify({ kind, sha: commit, ref, deploymentId }));
  return { settings: {}, event };
}
