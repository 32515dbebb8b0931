import { inert } from '../deployments/refusal.ts';
import type { Execute, Executed } from '../engine/carry.ts';
import { messageOf, SettingsError } from '../errors.ts';
import type { Order } from '../order.ts';
import type { Outcome } from '../outcome.ts';
import { run } from '../run/run.ts';
import type { Saved, SavedEnding } from '../run/saved.ts';
import type { Ended, News } from '../run/session.ts';
import { lineOf } from '../run/words.ts';
import { LeaseLost } from '../store/errors.ts';
import type { RunChange, RunEnd } from '../store/run.ts';
import type { Lease } from '../store/store.ts';
import { targetEntries } from '../targets/index.ts';
import type { Checkpoint } from '../targets/target.ts';
import { openAudience, openParts, runDeps } from './carry-out.ts';
import { type Established, establish, withOrder } from './establish.ts';
import { outputsOf } from './leave.ts';
import type { Prepared } from './prepare.ts';
import { baseOf, deploymentOf, eventOf, prepareRun, type Serving } from './serving.ts';

/** Executes runs of the store as a step of a pipeline would be: the same preparation, the same run. */
export const executeOn =
  (serving: Serving): Execute =>
  (lease, signal) => {
    const target = deploymentOf(serving, lease.run)?.target;
    const runsHere = targetEntries.find(({ id }) => id === target)?.runsHere;
    const done = perform(serving, lease, signal).catch((error: unknown): Executed => {
      if (error instanceof LeaseLost) throw error;
      return { status: 'ERROR', words: { text: inert(whyNot(error)) } };
    });
    return { resumes: !runsHere, done };
  };

/** The server's own log has the stack; whoever reads the run is told what to do about it. */
const whyNot = (error: unknown): string =>
  error instanceof SettingsError
    ? `Settings are not usable: ${error.faults.map(({ name, message }) => `${name} ${message}`).join('; ')}`
    : lineOf(messageOf(error));

async function perform(serving: Serving, lease: Lease, signal: AbortSignal): Promise<Executed> {
  const write = (bytes: string | Uint8Array): Promise<void> => lease.log(Buffer.from(bytes));
  const base = await baseOf(serving, lease.run, lease.request, { signal, write });
  const asked = prepareRun(base, lease.run);
  const { log, http } = asked;
  // A process that was killed has written the same head before.
  if (lease.attempt > 1)
    log.info(`another process goes on with this run (attempt ${lease.attempt})`);
  try {
    const kept = (lease.checkpoint ?? {}) as KeptSaved;
    const established = await establishOnce(serving, lease, asked, kept);
    if ('ending' in established) return await endEarly(asked, established.ending);
    const { prepared, facts } = established;
    const ended = await run(prepared.order, {
      ...runDeps(prepared, openParts(prepared)),
      timeoutMs: timeLeft(prepared, lease),
      // One run of a slot at a time is the store's business, and `busy` what it does about more.
      whenBusy: 'proceed',
      supersede: false,
      note: (news) => void lease.tell(changeOf(news)).catch(() => {}),
      isFirst: lease.attempt === 1,
      saved: kept,
      store: (saved) => lease.save({ ...saved, ...facts } as Checkpoint),
    });
    log.verdict(`ended as ${ended.outcome}: ${ended.description}`, ended.exit === 0, {});
    return executed(ended, (text) => log.warn(text));
  } finally {
    http.close();
  }
}

/** What the forge said, for the next process: a ref may have moved when it looks again. */
type Facts = { readonly facts?: Pick<Order, 'commit' | 'ref' | 'task' | 'payload'> };
type KeptSaved = Saved & Facts;
type Known =
  | Extract<Established, { readonly ending: SavedEnding }>
  | { readonly prepared: Prepared; readonly facts: Facts };

async function establishOnce(
  serving: Serving,
  lease: Lease,
  asked: Prepared,
  { facts }: KeptSaved,
): Promise<Known> {
  if (lease.checkpoint !== undefined) {
    const order = { ...asked.order, ...facts };
    return { prepared: withOrder(asked, order), facts: facts ? { facts } : {} };
  }
  const deployment = deploymentOf(serving, lease.run);
  if (!deployment) throw new Error(`slipway.yml has no deployment ${lease.run.deployment}`);
  const established = await establish(asked, {
    deployment,
    kind: eventOf(lease.request)?.kind,
    ms: timeLeft(asked, lease),
    progress: (text) => void lease.tell({ progress: inert(text) }).catch(() => {}),
  });
  if ('ending' in established) return established;
  const { prepared, isAsked } = established;
  if (!isAsked) return { prepared, facts: {} };
  const { commit, ref, task, payload } = prepared.order;
  const said = { facts: JSON.parse(JSON.stringify({ commit, ref, task, payload })) };
  await lease.save(said);
  await lease.tell(changeOf({ order: prepared.order }));
  return { prepared, facts: said };
}

/** Nothing is deployed. A deployment that was handed to us hears why: to whoever made it a refusal is a failure. */
async function endEarly(prepared: Prepared, ending: SavedEnding): Promise<Executed> {
  const { outcome } = ending;
  const opened = openAudience(prepared);
  const told: SavedEnding = { ...ending, outcome: outcome === 'refused' ? 'failure' : outcome };
  const ended = await run(prepared.order, {
    ...runDeps(prepared, opened),
    ...(ending.tell === 'nothing' ? { reporters: [] } : {}),
    supersede: false,
    saved: { ending: told },
  });
  prepared.log.verdict(`ended as ${outcome}: ${ended.description}`, false, {});
  return executed({ ...ended, outcome }, (text) => prepared.log.warn(text));
}

/** `timeout` is for the whole run, however many processes work on it; while none does, no time is spent. */
const timeLeft = ({ values }: Prepared, lease: Lease): number =>
  Math.max(values.timeout - lease.spent(), 1000);

function changeOf({ progress, environmentUrl, order, deployment, state }: News): RunChange {
  const { commit, ref, task } = order ?? {};
  const id = deployment && /^\d+$/.test(deployment.id) ? deployment.id : undefined;
  return {
    ...(progress ? { progress: inert(progress) } : {}),
    ...(isShown(environmentUrl) ? { environmentUrl } : {}),
    ...(commit ? { commit } : {}),
    ...(ref ? { ref } : {}),
    ...(task ? { task: inert(task) } : {}),
    ...(id ? { deploymentId: id } : {}),
    ...(state ? { deploymentState: state } : {}),
  };
}

/** Links that a server shows to everybody are https. */
const isShown = (link: string | undefined): link is string => link?.startsWith('https://') ?? false;

const ends: Readonly<Record<Outcome, RunEnd>> = {
  success: 'SUCCESS',
  nothing_to_do: 'SUCCESS',
  failure: 'FAILURE',
  error: 'ERROR',
  timed_out: 'TIMED_OUT',
  cancelled: 'CANCELED',
  superseded: 'SUPERSEDED',
  refused: 'REFUSED',
};

function executed(ended: Ended, warn: (text: string) => void): Executed {
  const { order, outcome, description, deployment, state, environmentUrl } = ended;
  const outputs = [...outputsOf(ended, ended.results, warn)].filter(
    ([name, value]) => value !== '' && (!name.endsWith('_url') || isShown(value)),
  );
  return {
    status: ends[outcome],
    words: {
      text: inert(description),
      outputs: Object.fromEntries(outputs.map(([name, value]) => [name, inert(value)])),
      change: changeOf({
        order,
        ...(deployment ? { deployment } : {}),
        ...(state ? { state } : {}),
        ...(environmentUrl ? { environmentUrl } : {}),
      }),
    },
  };
}
