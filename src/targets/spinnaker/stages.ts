import { durationText } from '../../duration.ts';
import { type Deploying, linkOf } from './deploying.ts';
import { type Execution, isKnownWord, isOver, type Stage } from './wire.ts';

const words: Readonly<Record<string, string>> = {
  RUNNING: 'runs',
  SUCCEEDED: 'succeeded',
  FAILED_CONTINUE: 'failed, and the pipeline goes on',
  TERMINAL: 'failed',
  CANCELED: 'was cancelled',
  STOPPED: 'stopped its branch of the pipeline',
  SKIPPED: 'was skipped',
  PAUSED: 'is paused',
  SUSPENDED: 'is suspended',
  REDIRECT: 'starts over',
  BUFFERED: 'waits for its turn',
};

/** The stages that the pipeline's author knows; the parts that Spinnaker makes of them are left out. */
const ownStages = ({ stages }: Execution): readonly Stage[] =>
  stages.filter(({ parent }) => parent === undefined);

/** Passes on what has changed since the last look. */
export function createTeller(d: Deploying, id: string): (execution: Execution) => void {
  const { job, deps } = d;
  const link = linkOf(d, id);
  const told = new Map<string, string>();
  const strange = new Set<string>();
  /** Tells a text of something once, until there is another one of it. */
  const tell = (about: string, text: string | undefined): void => {
    if (text !== undefined && told.get(about) !== text) job.progress(text);
    told.set(about, text ?? '');
  };
  return (execution) => {
    const own = ownStages(execution);
    for (const [n, stage] of own.entries()) tell(stage.id, stageText(stage, n + 1, own.length));
    for (const stage of execution.stages) {
      tell(`${stage.id} judgment`, isOver(execution) ? undefined : judgmentText(stage, link));
    }
    tell('execution', waitText(execution, link));
    for (const word of [execution.status, ...execution.stages.map(({ status }) => status)]) {
      if (word === undefined || isKnownWord(word) || strange.has(word)) continue;
      strange.add(word);
      deps.log.warn(`Spinnaker says ${word}, which no list has: over once it says when it ended`);
    }
  };
}

function stageText(stage: Stage, nth: number, of: number): string | undefined {
  const { name, status = '', startedAt, endedAt } = stage;
  const word = words[status];
  if (word === undefined) return undefined;
  const took = startedAt && endedAt ? durationText(Math.max(endedAt - startedAt, 0)) : '0s';
  const after = took === '0s' ? '' : ` after ${took}`;
  return `Spinnaker: stage "${name}" ${word}${after}${of > 1 ? ` (${nth} of ${of})` : ''}`;
}

function judgmentText(stage: Stage, link: string): string | undefined {
  const { name, type, status, judgment, instructions } = stage;
  if (type !== 'manualJudgment' || status !== 'RUNNING' || judgment !== undefined) return undefined;
  const what = instructions ? `: ${instructions}` : '';
  return `Spinnaker: stage "${name}" waits for somebody's judgment at ${link}${what}`;
}

function waitText({ status, pausedBy }: Execution, link: string): string | undefined {
  if (status === 'PAUSED') {
    const by = pausedBy ? ` by ${pausedBy}` : '';
    return `Spinnaker: the execution is paused${by}, until somebody resumes it at ${link}`;
  }
  return status === 'NOT_STARTED' || status === 'BUFFERED' || status === 'SUSPENDED'
    ? `Spinnaker: the execution waits for its turn (${status})`
    : undefined;
}
