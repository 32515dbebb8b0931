import type { Answer } from './calls.ts';
import { readPath, TaskCrash } from './read.ts';
import { alwaysRetried, type Step, type Task } from './task.ts';

const limitMs = 300_000;
const pauseMs = 10_000;

/** CreateWebhookTask: asks until it is taken or refused, every ten seconds, for five minutes. */
export async function createTask(task: Task, isRedelivered: boolean): Promise<Step> {
  const age = task.watch();
  for (let round = 0; !task.isCanceled(); round += 1) {
    if (age() > limitMs) throw new TaskCrash('CreateWebhookTask timed out');
    const isTwice = round === 0 && isRedelivered;
    const steps = await Promise.all(isTwice ? [once(task), once(task)] : [once(task)]);
    const step = steps.at(-1) ?? { verdict: 'RUNNING' };
    if (step.verdict !== 'RUNNING') return step;
    await task.pause(pauseMs);
  }
  return { verdict: 'CANCELED' };
}

async function once({ calls, stage }: Task): Promise<Step> {
  let answer: Answer;
  try {
    answer = await calls.create();
  } catch (error) {
    const text = `An exception occurred performing a request to ${stage.url}. ${error}`;
    return { verdict: 'TERMINAL', error: text };
  }
  const { code, body } = answer;
  if (code < 400) return started(body, stage.statusUrlJsonPath);
  const isFatal = stage.failFastStatusCodes.includes(code);
  const isRetried = !isFatal && (code >= 500 || alwaysRetried.includes(code));
  const error = `Error submitting webhook with status code ${code}: ${body}`;
  return { verdict: isRetried ? 'RUNNING' : 'TERMINAL', error };
}

function started(body: unknown, path: string): Step {
  try {
    const statusUrl = readPath(body, path);
    if (typeof statusUrl !== 'string') throw new TaskCrash('ClassCastException: not a String');
    return { verdict: 'SUCCEEDED', statusUrl, id: String(readPath(body, '$.id')) };
  } catch (error) {
    return { verdict: 'TERMINAL', error: `Exception while resolving status check URL: ${error}` };
  }
}
