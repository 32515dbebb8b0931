import { createEnding, stoppedAs } from '../../ending.ts';
import { RemoteError, SettingsError } from '../../errors.ts';
import { endedBefore, type Job, keepEnd, type Verdict } from '../target.ts';
import {
  type Deploying,
  isVerdict,
  linkOf,
  nothingStarted,
  notKnown,
  type Opened,
} from './deploying.ts';
import { follow } from './follow.ts';
import { oddIn, parametersOf } from './parameters.ts';
import { createPast } from './past.ts';
import { findPipeline } from './places.ts';
import { recall } from './recall.ts';
import { type Started, start } from './start.ts';
import { correlationId, triggerOf } from './trigger.ts';

/** Has Spinnaker run the pipeline, or goes on where an earlier process stopped, and says how it ended. */
export async function deployBy(opened: Opened, job: Job): Promise<Verdict> {
  const ended = endedBefore(job.checkpoint);
  if (ended) return ended;
  const ending = createEnding(job.signal, opened.deps.clock);
  const past = createPast(opened.service, job);
  const d: Deploying = { ...opened, job, ending, past };
  try {
    const verdict = await carryOut(d);
    await keepEnd(d, verdict);
    return verdict;
  } finally {
    ending.done();
    past.end();
  }
}

async function carryOut(d: Deploying): Promise<Verdict> {
  const { job, values, deps } = d;
  const started = await begin(d);
  if (isVerdict(started)) return started;
  const link = linkOf(d, started.id);
  job.result('execution_id', started.id);
  job.result('execution_url', link);
  deps.log.info(`Spinnaker runs execution ${started.id}: ${link}`);
  if (values.spinnakerWait || job.signal.aborted) return follow(d, started.id);
  return { outcome: 'success', description: `execution ${started.id} started, not followed` };
}

/** Where the run stands: an execution that is there already, or a new one. */
async function begin(d: Deploying): Promise<Started | Verdict> {
  const { job, values, deps } = d;
  const { step, execution, key: known } = job.checkpoint ?? {};
  if (step === 'started') return { id: String(execution) };
  const prepared = await prepare(d);
  if (isVerdict(prepared)) return prepared;
  const { pipeline, parameters } = prepared;
  if (values.spinnakerWait) d.past.ask(pipeline?.id);
  const key = typeof known === 'string' ? known : correlationId(job, values, parameters);
  try {
    const asking = await recall(d, key, pipeline?.name);
    if (!('key' in asking)) return asking;
    const how = {
      pipeline: pipeline?.id ?? values.spinnakerPipeline,
      trigger: triggerOf(job.order, parameters, key),
    };
    for (const oddity of pipeline ? oddIn(pipeline, parameters) : []) deps.log.warn(oddity);
    return await start(d, asking, how);
  } catch (error) {
    if (!(error instanceof RemoteError) || !job.signal.aborted) throw error;
    return nothingStarted(stoppedAs(job.signal), error.message);
  }
}

/** Nothing is changed yet, so whatever fails here leaves nothing behind, unless an execution is there already. */
async function prepare(d: Deploying) {
  const { job, values, nameOf } = d;
  const { parameters, fault } = parametersOf(values.spinnakerParameters ?? {}, job.order);
  if (fault) throw new SettingsError([{ name: nameOf('spinnakerParameters'), message: fault }]);
  try {
    const pipeline = await findPipeline(d, Object.keys(parameters), job.signal);
    return { pipeline, parameters };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (job.checkpoint?.step === 'starting' || job.predecessor) {
      return notKnown(d, `whether an execution was started: ${error.message}`);
    }
    if (job.signal.aborted) return nothingStarted(stoppedAs(job.signal), error.message);
    if (error.kind === 'credentials' || error.kind === 'permission') throw error;
    return nothingStarted(error.kind === 'refused' ? 'failure' : 'error', error.message);
  }
}
