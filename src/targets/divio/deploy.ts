import { createEnding } from '../../ending.ts';
import { RemoteError, SettingsError } from '../../errors.ts';
import {
  type Checkpoint,
  endedBefore,
  type Job,
  keepEnd,
  type TargetDeps,
  type Verdict,
} from '../target.ts';
import type { Asking, Begun, Deploying } from './deploying.ts';
import { finishUp } from './finish.ts';
import { launch, launchAgain } from './launch.ts';
import { controlPanel, findPlace } from './places.ts';
import { goOn, predecessors } from './recall.ts';
import type { Service } from './service.ts';
import type { DivioValues } from './settings.ts';
import { isVerdict, nothingDoneBy, notKnown } from './verdicts.ts';

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
    await keepEnd(d, verdict);
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
    const { step, redeploys } = job.checkpoint ?? {};
    const isBegun = isFollowing(step) || Number(redeploys ?? 0) > 0;
    if (isBegun || isAsking(step) || isUnrecorded(job)) {
      const why = isBegun ? 'how the deploy ends' : 'whether a deployment was started';
      return notKnown({ link: controlPanel(named.values, undefined) }, `${why}: ${error.message}`);
    }
    return nothingDoneBy(error, job.signal);
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
    return nothingDoneBy(error, d.job.signal);
  }
}

/** Where the run stands: a deployment that is there already, or a new one. */
async function begin(d: Deploying): Promise<Begun | Verdict> {
  const { step, deployment, isGuess, ...asking } = d.job.checkpoint ?? {};
  const redeploys = Number(asking.redeploys ?? 0);
  if (isFollowing(step)) {
    return { uuid: String(deployment), redeploys, ...(isGuess ? { isGuess: true } : {}) };
  }
  const known = isAsking(step)
    ? await goOn(d, step, asking as unknown as Asking)
    : isUnrecorded(d.job)
      ? await predecessors(d)
      : undefined;
  if (known) return known;
  return redeploys === 0
    ? launch(d, redeploys)
    : launchAgain(d, redeploys, 'Divio deployed another commit', step === 'variables');
}

type Step = Checkpoint[string] | undefined;

const isFollowing = (step: Step): boolean => step === 'started' || step === 'attaching';
const isAsking = (step: Step): step is 'variables' | 'variables set' | 'starting' =>
  step === 'variables' || step === 'variables set' || step === 'starting';
/** An earlier process left no checkpoint. A server's would have left one before it asked for anything. */
const isUnrecorded = ({ predecessor, checkpoint, order }: Job): boolean =>
  predecessor && checkpoint === undefined && order.runId === undefined;
