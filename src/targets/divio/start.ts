import { stoppedAs } from '../../ending.ts';
import { RemoteError } from '../../errors.ts';
import { keep, type Verdict } from '../target.ts';
import { find, windowOf, within } from './adopt.ts';
import { runningOf } from './busy.ts';
import type { Asking, Begun, Deploying } from './deploying.ts';
import { blamesRequest } from './explain.ts';
import { isVerdict, nothingDone, nothingDoneBy, notKnown } from './verdicts.ts';
import { type Deployment, durationsOf } from './wire.ts';

const mostRepeats = 2;
const mostSeen = 20;

export const askingNow = (
  { service }: Deploying,
  redeploys: number,
  known: readonly Deployment[],
): Asking => ({
  redeploys,
  since: service.now(),
  seen: known.slice(0, mostSeen).map(({ uuid }) => uuid),
});

/**
 * Asks Divio to deploy, once. A request whose answer was lost is looked for before it is repeated. `busy`: somebody
 * else was faster.
 */
export async function start(
  d: Deploying,
  asking: Asking,
  known: readonly Deployment[],
): Promise<Begun | Verdict | 'busy'> {
  const { job } = d;
  await job.before({ step: 'starting', ...asking });
  if (job.signal.aborted) return nothingDone(stoppedAs(job.signal), 'the run was ended before');
  let doubt = false;
  for (let repeats = 0; ; repeats += 1) {
    const asked = await ask(d, asking, doubt);
    if (asked === 'busy' || isVerdict(asked)) return asked;
    if (asked.uuid !== undefined) return begun(d, asking, asked.uuid, known);
    doubt = true;
    const found = await find(d, asking);
    if (found) return isVerdict(found) ? found : begun(d, asking, found.uuid, known);
    if (repeats === mostRepeats || job.signal.aborted) {
      return notKnown(d, `whether a deployment was started: ${asked.why}`);
    }
    d.deps.log.info('No deployment has begun since: asking again');
  }
}

type Asked = { readonly uuid: string } | { readonly uuid: undefined; readonly why: string };

/** One request. Not by the run's own signal: an answer that is on its way says what goes on. */
async function ask(
  d: Deploying,
  asking: Asking,
  doubt: boolean,
): Promise<Asked | Verdict | 'busy'> {
  const { service, place, values, deps, ending } = d;
  try {
    const uuid = await service.deploy(place.environment, values.divioBuildMode, ending.signal);
    // Whose it is shows in what there was before.
    if (uuid !== undefined && asking.seen.includes(uuid)) return 'busy';
    return uuid === undefined ? { uuid, why: 'its answer names no deployment' } : { uuid };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (error.unknown) {
      deps.log.warn(`${error.message}; looking whether a deployment has begun`);
      return { uuid: undefined, why: error.message };
    }
    return refused(d, asking, error, doubt);
  }
}

async function refused(
  d: Deploying,
  asking: Asking,
  error: RemoteError,
  doubt: boolean,
): Promise<Asked | Verdict | 'busy'> {
  const { service, place, job, ending, deps } = d;
  const isOfMoment = error.kind === 'refused' && !blamesRequest(error) && error.status !== 404;
  if (isOfMoment) {
    const known = await service.deployments(place, ending.signal).catch(() => []);
    // What runs may be what an earlier request of ours has made.
    const [ours] = doubt ? within(windowOf(d, asking), known) : [];
    if (ours) return { uuid: ours.uuid };
    const running = await runningOf(d, known, ending.signal).catch(() => undefined);
    if (running && !job.signal.aborted) {
      deps.log.info(`Divio refuses while deployment ${running.uuid} runs: ${error.message}`);
      return 'busy';
    }
  }
  if (doubt) return notKnown(d, `whether a deployment was started: ${error.message}`);
  return nothingDoneBy(error, job.signal);
}

async function begun(
  d: Deploying,
  { redeploys }: Asking,
  uuid: string,
  known: readonly Deployment[],
): Promise<Begun> {
  await keep(d, { step: 'started', deployment: uuid, redeploys });
  d.deps.log.info(`Divio has begun deployment ${uuid}`);
  return { uuid, redeploys, past: durationsOf(known) };
}
