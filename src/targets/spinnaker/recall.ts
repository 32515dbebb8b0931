import { messageOf, RemoteError } from '../../errors.ts';
import { keep, type Verdict } from '../target.ts';
import { type Deploying, isVerdict, linkOf, patiently } from './deploying.ts';
import { type Asking, find, type Started } from './start.ts';
import { type Execution, isOver } from './wire.ts';

const pauseMs = 3000;

/** What an earlier process of this deploy has made, or what there was before us. */
export async function recall(
  d: Deploying,
  key: string,
  pipeline: string | undefined,
): Promise<Started | Verdict | Asking> {
  const { job, deps } = d;
  const { step, seen = [] } = job.checkpoint ?? {};
  const asking = { key, seen: seen as readonly string[] };
  if (step === 'starting' || job.predecessor) {
    deps.log.info(
      'An earlier run of this deploy has not ended, and may have started an execution: looking for it',
    );
    const found = await find(d, asking);
    if (found === undefined) deps.log.info('There is none: starting one');
    return found === undefined || isVerdict(found) ? (found ?? asking) : goOn(d, key, found);
  }
  return job.unremembered ? recallBuild(d, key, pipeline) : asking;
}

/** Where nothing remembers a killed run, Spinnaker does, for the correlation id is of the CI build. */
async function recallBuild(
  d: Deploying,
  key: string,
  pipeline: string | undefined,
): Promise<Started | Asking> {
  const { service, job, deps } = d;
  try {
    const known = await service.startedWith(key, job.signal);
    const running = known.find((each) => !isOver(each));
    if (running?.isCanceled) {
      await endOf(d, running.id);
    } else if (running) {
      deps.log.info(`Execution ${running.id} was started by an earlier run of this build: joined`);
      return goOn(d, key, running);
    }
    const [last] = known;
    // What was started since it got another name goes by the new one.
    const name = pipeline ?? last?.name;
    const newest = last && name ? await service.newest(name, job.signal) : undefined;
    if (last && last.status === 'SUCCEEDED' && newest?.id === last.id) {
      deps.log.warn(
        `An earlier run of this build has started execution ${last.id} with the same parameters; it has succeeded, and nothing was started since: nothing is left to deploy (see ${linkOf(d, last.id)}; run_key makes another deploy of it)`,
      );
      return goOn(d, key, last);
    }
    return { key, seen: known.map(({ id }) => id) };
  } catch (error) {
    if (!(error instanceof RemoteError) || job.signal.aborted) throw error;
    deps.log.warn(
      `Whether an earlier run of this build has started an execution is not known: ${messageOf(error)}`,
    );
    return { key, seen: [] };
  }
}

/** Whoever starts another one while it ends would be given it, by the correlation id. */
async function endOf(d: Deploying, id: string): Promise<void> {
  const { service, job, deps } = d;
  deps.log.info(
    `Execution ${id} of an earlier run of this build is being cancelled: waiting for it`,
  );
  for (;;) {
    await deps.clock.pause(pauseMs, job.signal);
    const look = (signal: AbortSignal) => service.execution(id, signal);
    if (job.signal.aborted || isOver(await patiently(d, look, job.signal))) return;
  }
}

async function goOn(d: Deploying, key: string, { id }: Execution): Promise<Started> {
  await keep(d, { step: 'started', key, execution: id });
  return { id };
}
