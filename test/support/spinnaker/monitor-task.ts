import type { Answer } from './calls.ts';
import type { Definition } from './definition.ts';
import { SocketTimeout } from './ok-http.ts';
import { PathMissing, readPath, TaskCrash, verdictOf } from './read.ts';
import { alwaysRetried, type Step, type Task } from './task.ts';

const limitMs = 3_600_000;
const youngMs = 60_000;
const pauseMs = 1000;
const laterMs = 15_000;

/** MonitorWebhookTask: every second for a minute, then every fifteen, for an hour. */
export async function monitorTask(task: Task, statusUrl: string): Promise<Step> {
  const age = task.watch();
  while (!task.isCanceled()) {
    const before = age();
    if (before > limitMs) throw new TaskCrash('MonitorWebhookTask timed out');
    const step = await once(task, statusUrl);
    if (step.verdict !== 'RUNNING') return step;
    await task.pause(before < youngMs ? pauseMs : laterMs);
  }
  return { verdict: 'CANCELED' };
}

async function once({ calls, stage }: Task, url: string): Promise<Step> {
  let answer: Answer;
  try {
    answer = await calls.poll(url);
  } catch (error) {
    return error instanceof SocketTimeout ? { verdict: 'RUNNING' } : broken(url, error);
  }
  const { code, body } = answer;
  if (code >= 500 || alwaysRetried.includes(code)) return { verdict: 'RUNNING' };
  return code >= 400 ? broken(url, `${code} ${body}`) : judged(body, stage);
}

const broken = (url: string, why: unknown): Step => ({
  verdict: 'TERMINAL',
  error: `an exception occurred in webhook monitor to ${url}: ${why}`,
});

function judged(body: unknown, stage: Definition): Step {
  const terminal = (error: string): Step => ({ verdict: 'TERMINAL', error });
  try {
    const value = readPath(body, stage.statusJsonPath);
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      return terminal('The status did not resolve to a single value');
    }
    if (typeof readPath(body, stage.progressJsonPath) !== 'string') {
      return terminal('The progress did not resolve to a String value');
    }
    return { verdict: verdictOf(value, stage) };
  } catch (error) {
    if (!(error instanceof PathMissing)) throw error;
    return terminal(`Unable to parse: ${error.message} not found in response body`);
  }
}
