import { createEnding, stoppedAs } from '../../ending.ts';
import { messageOf, RemoteError, SettingsError } from '../../errors.ts';
import { endedBefore, type Job, keep, type TargetDeps, type Verdict } from '../target.ts';
import { lookFor, workerMs } from './adopt.ts';
import {
  type Asking,
  type Begun,
  type Deploying,
  isVerdict,
  nothingDone,
  notKnown,
} from './deploying.ts';
import { finishUp } from './finish.ts';
import { launch } from './launch.ts';
import { controlPanel, findPlace } from './places.ts';
import type { Service } from './service.ts';
import type { DivioValues } from './settings.ts';
import { find, severalBegan } from './start.ts';

type Opened = {
  readonly values: DivioValues;
  readonly deps: TargetDeps;
  readonly service: Service;
  nameOf(key: keyof DivioValues): string;
};

/** Has Divio deploy, or goes on where an earlier process stopped, and says how it ended. */
export async function deployBy(opened: Opened, job: Job): Promise<Verdict> {
  const { deps, values, service } = opened;
  const ended = endedBefore(job.checkpoint);
  if (ended) return ended;
  const ending = createEnding(job.signal, deps.clock);
  try {
    const place = await locate(opened, job);
    if (isVerdict(place)) return place;
    const link = controlPanel(values, place);
    const d: Deploying = { job, service, values, deps, ending, place, link };
    introduce(d);
    const verdict = await carryOut(d);
    const { outcome, description, goesOn } = verdict;
    // Stopped before anything began: a later process begins where this one was.
    const isOpen = goesOn !== undefined || (job.signal.aborted && outcome !== 'success');
    if (!isOpen) await keep(d, { step: 'ended', outcome, description });
    return verdict;
  } finally {
    ending.done();
  }
}

/** Nothing is changed yet, so whatever fails here leaves nothing behind, unless a deployment is there already. */
async function locate({ service, ...named }: Opened, job: Job) {
  if (named.values.divioVerify === 'require' && job.order.commit === undefined) {
    const message = 'is require, and the order names no commit with which to compare';
    throw new SettingsError([{ name: named.nameOf('divioVerify'), message }]);
  }
  try {
    await service.me(job.signal);
    return await findPlace(service, named, job.order.environment, job.signal);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const { step } = job.checkpoint ?? {};
    if (step === 'started' || step === 'starting' || job.predecessor) {
      const why = step === 'started' ? 'how the deploy ends' : 'whether a deployment was started';
      return notKnown({ link: controlPanel(named.values, undefined) }, `${why}: ${error.message}`);
    }
    if (job.signal.aborted) return nothingDone(stoppedAs(job.signal), error.message);
    if (error.kind === 'credentials' || error.kind === 'permission') throw error;
    return nothingDone(error.kind === 'refused' ? 'failure' : 'error', error.message);
  }
}

function introduce({ job, place, deps, link }: Deploying): void {
  const { application, environment } = place;
  const { slug = environment.uuid, branch } = environment;
  deps.log.info(`Divio: ${application.slug ?? application.uuid}, environment ${slug}; ${link}`);
  job.result('application_uuid', application.uuid);
  if (application.slug) job.result('application_slug', application.slug);
  job.result('environment_uuid', environment.uuid);
  job.result('control_panel_url', link);
  const ref = job.order.ref?.replace(/^refs\/heads\//, '');
  if (branch && ref && ref !== branch && !ref.startsWith('refs/')) {
    deps.log.warn(
      `Divio deploys the head of ${branch} to ${slug}, whatever is ordered; the order is of ${ref}`,
    );
  }
}

async function carryOut(d: Deploying): Promise<Verdict> {
  try {
    const begun = await begin(d);
    return isVerdict(begun) ? begun : await finishUp(d, begun);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (d.job.signal.aborted) return nothingDone(stoppedAs(d.job.signal), error.message);
    if (error.kind === 'credentials' || error.kind === 'permission') throw error;
    return nothingDone(error.kind === 'refused' ? 'failure' : 'error', error.message);
  }
}

/** Where the run stands: a deployment that is there already, or a new one. */
async function begin(d: Deploying): Promise<Begun | Verdict> {
  const { job } = d;
  const { step, deployment, ...asking } = job.checkpoint ?? {};
  const redeploys = Number(asking.redeploys ?? 0);
  if (step === 'started' || step === 'attaching') return { uuid: String(deployment), redeploys };
  const isAsking = step === 'variables' || step === 'variables set' || step === 'starting';
  const known = isAsking
    ? await goOn(d, step, asking as unknown as Asking)
    : job.predecessor && step === undefined
      ? await predecessors(d)
      : undefined;
  return known ?? launch(d, redeploys);
}

/** An earlier process of this run ended between its preparations and Divio's answer. */
async function goOn(
  d: Deploying,
  step: 'variables' | 'variables set' | 'starting',
  asking: Asking,
): Promise<Begun | Verdict | undefined> {
  const { log } = d.deps;
  log.info(
    'An earlier run of this deploy ended while it asked Divio: looking what has begun since',
  );
  const found = await find(d, asking);
  if (!found) log.info('Nothing has: asking Divio now');
  if (!found || isVerdict(found)) return found;
  if (step === 'variables') {
    const why = 'began before all variables were set, or is of somebody else';
    return notKnown(d, `what was deployed: deployment ${found.uuid} ${why}`);
  }
  return { uuid: found.uuid, redeploys: asking.redeploys };
}

/** The forge's clock and Divio's may differ; a run begins well before it asks. */
const skewMs = 5000;

/** A killed run left no word of what it did: Divio is asked what began since. */
async function predecessors(d: Deploying): Promise<Begun | Verdict | undefined> {
  const { job, deps, service } = d;
  const { predecessorSince, order } = job;
  const began = predecessorSince ?? order.buildCreatedAt;
  // Without either it began no longer ago than a run may take.
  const ahead = service.now() - deps.clock.now();
  const since = (began ?? order.seq - (order.expiry - order.seq)) + ahead - skewMs;
  const until = service.now() + workerMs;
  const found = await lookFor(d, { since, until, seen: [] }).catch((error: unknown) =>
    notKnown(d, `whether an earlier run has started a deployment: ${messageOf(error)}`),
  );
  if (isVerdict(found)) return found;
  const [first, ...others] = found;
  if (!first) {
    deps.log.info('An earlier run of this deploy was killed; Divio has begun no deployment since');
    return undefined;
  }
  if (others.length > 0) return severalBegan(d, found.length);
  deps.log.warn(
    `An earlier run of this deploy was killed; deployment ${first.uuid} has begun since, and is taken for its`,
  );
  await keep(d, { step: 'started', deployment: first.uuid, redeploys: 0 });
  return { uuid: first.uuid, redeploys: 0 };
}
