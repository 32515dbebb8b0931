import { durationText } from '../../duration.ts';
import { stoppedAs } from '../../ending.ts';
import type { Verdict } from '../target.ts';
import { type Deploying, linkOf, notKnown } from './deploying.ts';
import type { Execution, Stage } from './wire.ts';

/** How an execution that is over has ended. */
export function judge(d: Deploying, execution: Execution): Verdict {
  tellResults(d, execution);
  const { status } = execution;
  if (status === 'SUCCEEDED') return succeeded(d, execution);
  if (status === 'CANCELED') return cancelled(d, execution);
  const failure = (why: string): Verdict => ({ outcome: 'failure', description: why });
  if (status === 'TERMINAL') return failure(failureOf(d, execution));
  if (status === 'SKIPPED') return failure(`${named(execution)} was skipped: nothing was deployed`);
  if (status === 'STOPPED' || status === 'FAILED_CONTINUE') {
    return failure(`${named(execution)} ended as ${status}: ${reasonOf(d, execution)}`);
  }
  const word = status ?? 'nothing at all';
  return notKnown(d, `how the deploy ended: Spinnaker calls it ${word}`, execution.id);
}

const named = ({ id, name }: Execution): string => (name ? `pipeline ${name}` : `execution ${id}`);

function tellResults({ job }: Deploying, execution: Execution): void {
  const { status, name, startedAt, endedAt } = execution;
  if (status) job.result('execution_status', status);
  if (name) job.result('pipeline', name);
  if (startedAt) job.result('started_at', new Date(startedAt).toISOString());
  if (endedAt) job.result('ended_at', new Date(endedAt).toISOString());
  if (startedAt && endedAt) {
    job.result('duration', String(Math.round(Math.max(endedAt - startedAt, 0) / 1000)));
  }
}

function succeeded({ deps }: Deploying, execution: Execution): Verdict {
  const { startedAt, endedAt, stages } = execution;
  const took = startedAt && endedAt ? durationText(Math.max(endedAt - startedAt, 0)) : '0s';
  const after = took === '0s' ? '' : ` after ${took}`;
  const ignored = stages.find((stage) => stage.status === 'FAILED_CONTINUE' && !stage.parent);
  if (ignored) {
    deps.log.warn(
      `The pipeline has gone on after stage "${ignored.name}" failed${ignored.reason ? `: ${ignored.reason}` : ''}`,
    );
  }
  const though = ignored ? `, though its stage "${ignored.name}" failed` : '';
  return { outcome: 'success', description: `${named(execution)} succeeded${after}${though}` };
}

function cancelled(d: Deploying, execution: Execution): Verdict {
  const { canceledBy, reason } = execution;
  const by = canceledBy ? ` by ${canceledBy}` : '';
  const why = reason ? `: ${reason}` : '';
  const outcome = d.job.signal.aborted ? stoppedAs(d.job.signal) : 'cancelled';
  return { outcome, description: `${named(execution)} was cancelled in Spinnaker${by}${why}` };
}

function failureOf(d: Deploying, execution: Execution): string {
  const stage = failedStage(execution);
  if (!stage) return `${named(execution)} failed: ${reasonOf(d, execution)}`;
  const judged =
    stage.type === 'manualJudgment' && stage.judgment
      ? `somebody judged "${stage.judgment}"`
      : undefined;
  const why = stage.reason ?? judged ?? reasonOf(d, execution);
  return `stage "${topOf(execution, stage).name}" of ${named(execution)} failed: ${why}`;
}

const reasonOf = (d: Deploying, { id, reason }: Execution): string =>
  reason ?? `see ${linkOf(d, id)}`;

/** The one that says why; else the first. */
function failedStage({ stages }: Execution): Stage | undefined {
  const failed = stages.filter(({ status }) => status === 'TERMINAL');
  return failed.find(({ reason }) => reason !== undefined) ?? failed[0];
}

/** The stage that the pipeline's author knows, of which this one is a part. */
function topOf({ stages }: Execution, stage: Stage): Stage {
  let top = stage;
  // A circle would be Spinnaker's fault, and has an end here.
  for (let depth = 0; depth < stages.length; depth += 1) {
    const parent = stages.find(({ id }) => id === top.parent);
    if (!parent) return top;
    top = parent;
  }
  return top;
}
