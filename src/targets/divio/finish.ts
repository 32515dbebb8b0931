import { durationText } from '../../duration.ts';
import type { Verdict } from '../target.ts';
import type { Begun, Deploying } from './deploying.ts';
import { follow } from './follow.ts';
import { launchAgain } from './launch.ts';
import { redeployDelay } from './pull.ts';
import { hasBrought } from './recall.ts';
import { tellResults, tellSite } from './results.ts';
import { isVerdict, notKnown } from './verdicts.ts';
import { cured, type Verified, verify } from './verify.ts';
import type { Deployment } from './wire.ts';

/** Follows the deployment to its end; where it has brought another commit, deploys again. */
export async function finishUp(d: Deploying, first: Begun): Promise<Verdict> {
  const { job, values } = d;
  for (let begun = first; ; ) {
    job.result('deployment_uuid', begun.uuid);
    const ended = await follow(d, begun);
    if (isVerdict(ended)) return ended;
    const { deployment, logbook } = ended;
    const isGood = deployment.success === true;
    tellResults(d, deployment);
    const [reason, verified] = await Promise.all([
      logbook.close(isGood),
      isGood && (begun.isGuess || values.divioVerify !== 'off')
        ? verify(d, d.ending.signal)
        : undefined,
      isGood ? tellSite(d, begun.uuid) : undefined,
    ]);
    if (!isGood) return failed(d, deployment, reason, begun.isGuess);
    if (verified?.deployed) job.result('deployed_commit', verified.deployed);
    const isOther = verified?.is === 'other' && values.divioVerify !== 'off';
    if (isOther && begun.redeploys < values.divioVerifyRetries && !job.signal.aborted) {
      const again = await deployAgain(d, begun, verified.said);
      if (isVerdict(again)) return again;
      begun = again;
      continue;
    }
    if (begun.isGuess && !(await hasBrought(d, begun.uuid, verified))) {
      if (verified?.is === 'unknown') d.deps.log.warn(`Not verified: ${verified.said}`);
      return notKnown(d, `whether what is ordered serves: ${doubtful(deployment, 'succeeded')}`);
    }
    return isOther ? otherCommit(d, verified.said) : succeeded(d, deployment, verified);
  }
}

async function deployAgain(d: Deploying, { redeploys, isGuess }: Begun, said: string) {
  const { job, deps, values } = d;
  const next = redeploys + 1;
  deps.log.warn(`${said}; deploying again (${next} of ${values.divioVerifyRetries})`);
  await deps.clock.pause(redeployDelay(values), job.signal);
  return launchAgain(d, next, said, isGuess);
}

function failed(
  { link }: Deploying,
  deployment: Deployment,
  reason: string | undefined,
  isGuess: boolean | undefined,
): Verdict {
  const { uuid, success } = deployment;
  // Nothing here shows why: there it may be seen.
  const why = reason ? `: ${reason}` : `; see ${link}`;
  const what = success === false ? 'failed' : 'has ended, and Divio does not say that it succeeded';
  const whole = isGuess ? doubtful(deployment, what) : `deployment ${uuid} ${what}`;
  return { outcome: 'failure', description: `${whole}${why}` };
}

const doubtful = ({ uuid }: Deployment, what: string): string =>
  `deployment ${uuid} (an earlier run's or somebody else's) ${what}`;

function succeeded(
  d: Deploying,
  { uuid, startedAt, endedAt }: Deployment,
  verified: Verified | undefined,
): Verdict {
  const time = startedAt && endedAt ? durationText(Math.max(endedAt - startedAt, 0)) : undefined;
  const took = time && time !== '0s' ? ` after ${time}` : '';
  const newer =
    verified?.is === 'newer' ? ' with a newer commit that contains the ordered one' : '';
  const description = `deployment ${uuid} succeeded${took}${newer}`;
  if (verified?.is !== 'unknown') return { outcome: 'success', description };
  if (d.values.divioVerify === 'require') {
    return notKnown(d, `whether the ordered commit serves: ${description}, and ${verified.said}`);
  }
  d.deps.log.warn(`Not verified: ${verified.said}`);
  return { outcome: 'success', description };
}

function otherCommit({ values, deps, job }: Deploying, said: string): Verdict {
  if (values.divioVerify === 'require') {
    return { outcome: 'failure', description: `${cured(said)} (divio_verify: require)` };
  }
  const description = `${cured(said)} (divio_verify)`;
  // The verdict says all of this, unless the author wrote what it says.
  deps.log.warn(
    job.order.description ? description : 'Another commit than the ordered one serves; see the end',
  );
  return { outcome: 'success', description };
}
