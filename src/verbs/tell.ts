import { reasonOf } from '../engine/carry.ts';
import type { TellersDeps } from '../engine/tellers.ts';
import { announce } from '../run/announce.ts';
import { run } from '../run/run.ts';
import type { SavedEnding } from '../run/saved.ts';
import { isOver, type Run } from '../store/run.ts';
import type { Telling } from '../store/store.ts';
import { openAudience, runDeps } from './carry-out.ts';
import { establish } from './establish.ts';
import type { Prepared } from './prepare.ts';
import { baseOf, deploymentOf, prepareRun, type Serving } from './serving.ts';

const announceMs = 60_000;

/** Tells forges of runs that nobody executes: that they wait for their turn, and that they ended while they waited. */
export const tellOn = (serving: Serving): Pick<TellersDeps, 'heard' | 'tell'> => ({
  // Said in slipway.yml: nobody is told, and nothing need be prepared to find that out.
  heard: () =>
    serving
      .config()
      .deployments.filter(({ settings }) => settings.report?.trim() !== 'none')
      .map(({ name }) => name),
  tell: (telling, signal) =>
    isOver(telling.run.status)
      ? endOnBehalf(serving, telling, signal)
      : announceOnBehalf(serving, telling, signal),
});

const endingOf = ({ status, progress, cancel }: Run): SavedEnding => ({
  outcome: status === 'SUPERSEDED' ? 'superseded' : 'cancelled',
  description: cancel ? `Cancelled: ${reasonOf(cancel)}` : progress || 'Ended before it began',
  tell: 'terminal',
  results: {},
  started: false,
});

async function endOnBehalf(serving: Serving, telling: Telling, signal: AbortSignal): Promise<void> {
  const { run: known } = telling;
  await behalf(serving, telling, signal, async (prepared) => {
    const deps = { ...runDeps(prepared, openAudience(prepared)), supersede: false };
    const saved = { ending: endingOf(known) };
    const { lost } = await run(prepared.order, { ...deps, saved });
    if (lost.length > 0) throw new Error(`${lost.join(' and ')} did not hear how it ended`);
  });
}

async function announceOnBehalf(
  serving: Serving,
  telling: Telling,
  signal: AbortSignal,
): Promise<void> {
  const { run: known } = telling;
  const deployment = deploymentOf(serving, known);
  if (!deployment) return;
  await behalf(serving, telling, signal, async (asked) => {
    const kind = known.deploymentId ? ('deployment' as const) : undefined;
    const order = { deployment, kind, ms: announceMs, progress: () => {} };
    const established = await establish(asked, order);
    // Whatever stands against it is for the run itself to say.
    if ('ending' in established) return;
    const { prepared } = established;
    const deps = { ...runDeps(prepared, openAudience(prepared)), supersede: false };
    await announce(prepared.order, deps);
  });
}

async function behalf(
  serving: Serving,
  { run: known, request }: Telling,
  signal: AbortSignal,
  speak: (prepared: Prepared) => Promise<void>,
): Promise<void> {
  const base = await baseOf(serving, known, request, { signal, write: () => {} });
  const prepared = prepareRun(base, known);
  try {
    if (prepared.reporters.length > 0) await speak(prepared);
  } finally {
    prepared.http.close();
  }
}
