import { setTimeout as sleep } from 'node:timers/promises';
import type { Facts } from '../orca.ts';
import { createCalls } from './calls.ts';
import { createTask } from './create-task.ts';
import { type Definition, filled } from './definition.ts';
import { monitorTask } from './monitor-task.ts';
import type { OkHttp } from './ok-http.ts';
import { TaskCrash, type Verdict } from './read.ts';
import type { Step, Task } from './task.ts';

export type Manners = {
  readonly http: OkHttp;
  /** Waits are divided by it. */
  readonly speed: number;
  /** The queue delivers the first create twice at once. */
  readonly isRedelivered?: boolean;
  readonly isChunked?: boolean;
};

export type Ended = {
  readonly verdict: Verdict;
  readonly error: string | undefined;
  /** The run that the create was answered with. */
  readonly id: string | undefined;
  /** What calls for the end were answered with; undefined for one that was not taken. */
  readonly cancels: readonly unknown[];
};

export type WebhookStage = {
  run(): Promise<Ended>;
  /** The button of a person. */
  cancel(): void;
  /** Calls for the end of the run, whatever the stage is at. */
  sendCancel(): Promise<void>;
  task(): 'none' | 'create' | 'monitor' | 'over';
};

/** Orca's stage of a preconfigured webhook with `waitForCompletion`. */
export function createStage(definition: Definition, facts: Facts, manners: Manners): WebhookStage {
  const { http, speed, isRedelivered = false, isChunked = false } = manners;
  const stage = filled(definition, facts);
  const calls = createCalls(stage, http, isChunked);
  const canceled = new AbortController();
  const cancels: unknown[] = [];
  let at: ReturnType<WebhookStage['task']> = 'none';
  const task: Task = {
    ...{ stage, calls },
    isCanceled: () => canceled.signal.aborted,
    pause: (ms) => sleep(ms / speed, undefined, { signal: canceled.signal }).catch(() => undefined),
    watch() {
      const start = performance.now();
      return () => (performance.now() - start) * speed;
    },
  };

  /** Its answer, and that there is none, is all the same to Orca. */
  async function sendCancel(): Promise<void> {
    const answer = await calls.cancel().catch(() => undefined);
    cancels.push(answer && answer.code < 400 ? answer.body : undefined);
  }

  async function play(): Promise<Step> {
    at = 'create';
    const created = await createTask(task, isRedelivered);
    const { verdict, statusUrl, id = '' } = created;
    if (verdict !== 'SUCCEEDED' || statusUrl === undefined) return created;
    at = 'monitor';
    return { ...(await monitorTask(task, statusUrl).catch(crashed)), id };
  }

  return {
    async run() {
      const { verdict, error, id } = await play().catch(crashed);
      // Not where a person ended the create: Orca then calls nobody.
      if (verdict === 'TERMINAL' || (verdict === 'CANCELED' && at === 'monitor')) {
        await sendCancel();
      }
      at = 'over';
      return { verdict, error, id, cancels };
    },
    cancel: () => canceled.abort(),
    sendCancel,
    task: () => at,
  };
}

const crashed = (error: unknown): Step => {
  if (error instanceof TaskCrash) return { verdict: 'TERMINAL', error: error.message };
  throw error;
};
