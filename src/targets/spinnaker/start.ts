import { stoppedAs } from '../../ending.ts';
import { messageOf, RemoteError } from '../../errors.ts';
import { keep, type Verdict } from '../target.ts';
import { type Deploying, isVerdict, nothingStarted, notKnown, patiently } from './deploying.ts';
import type { Execution } from './wire.ts';

/** What is written down before anything is asked for: enough to find out later what became of it. */
export type Asking = {
  /** The correlation id. */
  readonly key: string;
  /** Executions that had it before. */
  readonly seen: readonly string[];
};
export type Started = { readonly id: string };

const mostRepeats = 2;
/** What a cut-off request makes may show up late. */
const looksAtMs = [0, 2000, 5000];

/** Asks Gate to start the pipeline, once. A request whose answer was lost is looked for before it is repeated. */
export async function start(
  d: Deploying,
  asking: Asking,
  how: { readonly pipeline: string; readonly trigger: object },
): Promise<Started | Verdict> {
  const { job } = d;
  await job.before({ step: 'starting', ...asking });
  if (job.signal.aborted) {
    return nothingStarted(stoppedAs(job.signal), 'the run was ended before');
  }
  let doubt = false;
  for (let repeats = 0; ; repeats += 1) {
    const asked = await ask(d, how, doubt);
    if (isVerdict(asked)) return asked;
    if ('id' in asked) return started(d, asking, asked.id);
    doubt = true;
    const found = await find(d, asking);
    if (found) return isVerdict(found) ? found : started(d, asking, found.id);
    if (repeats === mostRepeats || job.signal.aborted) {
      return notKnown(d, `whether an execution was started: ${asked.why}`);
    }
    d.deps.log.info('No execution has this correlation id: asking again');
  }
}

/** One request. Not by the run's own signal: an answer that is on its way says what there is to cancel. */
async function ask(
  { service, job, deps, ending, ...opened }: Deploying,
  { pipeline, trigger }: { readonly pipeline: string; readonly trigger: object },
  doubt: boolean,
): Promise<Started | { readonly why: string } | Verdict> {
  try {
    return { id: await service.start(pipeline, trigger, ending.signal) };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const { message, kind, unknown } = error;
    if (unknown) {
      deps.log.warn(`${message}; looking whether an execution was started`);
      return { why: message };
    }
    if (doubt) {
      return notKnown({ service, deps, ...opened }, `whether an execution was started: ${message}`);
    }
    if (job.signal.aborted) return nothingStarted(stoppedAs(job.signal), message);
    // Credentials that do not work are the author's to mend.
    if (kind === 'credentials' || kind === 'permission') throw error;
    return nothingStarted(kind === 'refused' ? 'failure' : 'error', message);
  }
}

/** The execution that an earlier request has made, if it has: one that goes on, or else the newest. */
export async function find(
  d: Deploying,
  { key, seen }: Asking,
): Promise<Execution | Verdict | undefined> {
  const { service, deps, ending } = d;
  let waited = 0;
  try {
    for (const at of looksAtMs) {
      await deps.clock.pause(at - waited, ending.signal);
      waited = at;
      const look = (signal: AbortSignal) => service.startedWith(key, signal);
      const found = await patiently(d, look, ending.signal);
      const ours = found.filter(({ id }) => !seen.includes(id));
      const [first] = [...ours.filter(({ endedAt }) => endedAt === undefined), ...ours];
      if (first) {
        deps.log.info(`Execution ${first.id} has this correlation id: going on with it`);
        return first;
      }
      if (ending.signal.aborted) return undefined;
    }
    return undefined;
  } catch (error) {
    return notKnown(d, `whether an execution was started: ${messageOf(error)}`);
  }
}

async function started(d: Deploying, { key }: Asking, id: string): Promise<Started> {
  await keep(d, { step: 'started', key, execution: id });
  return { id };
}
