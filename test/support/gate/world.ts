import type { Clock } from '../../../src/clock.ts';

export type StageCourse = {
  readonly name: string;
  readonly type?: string;
  /** ms of the world's own time. */
  readonly lasts: number;
  readonly ends?: string;
  /** Said by the part of it that fails, as Spinnaker's own stages do. */
  readonly error?: string;
  /** Of a manual judgment. */
  readonly instructions?: string;
};
/** How one execution goes. */
export type Course = {
  readonly stages: readonly StageCourse[];
  /** The word at its end. */
  readonly ends: string;
  /** The word until then. */
  readonly runs?: string;
  readonly pausedBy?: string;
  /** ms from a cancellation to its end; undefined: it cannot be stopped. */
  readonly cancelTakes?: number | undefined;
  readonly canceledBy?: string;
  readonly reason?: string;
};
export type Parameter = {
  readonly name: string;
  readonly required?: boolean;
  readonly default?: string | null;
  readonly hasOptions?: boolean;
  readonly options?: readonly { readonly value: string }[];
};
export type Pipeline = {
  readonly id: string;
  readonly name: string;
  readonly application: string;
  readonly disabled?: boolean;
  readonly limitConcurrent?: boolean;
  readonly parameterConfig: readonly Parameter[];
};
export type Trigger = {
  readonly type: string;
  readonly correlationId?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
};
export type Execution = {
  readonly id: string;
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
  readonly user: string;
  readonly builtAt: number;
  course: Course;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** The word that it ended with. */
  status: string | undefined;
  canceledAt: number | undefined;
  reason: string | undefined;
};

export const application = 'hello';
export const usual: Course = {
  stages: [
    { name: 'Bake', type: 'bakeManifest', lasts: 2000 },
    { name: 'Deploy', type: 'deployManifest', lasts: 4000 },
  ],
  ends: 'SUCCEEDED',
  cancelTakes: 500,
};

const idOf = (nth: number): string => `01J${String(nth).padStart(23, '0')}`;

/** Everything that Spinnaker remembers, and its time. Acts on what it is asked, late answers or not. */
export function createWorld(clock: Clock, courseOf: (nth: number) => Course) {
  const pipelines: Pipeline[] = [
    {
      ...{ id: '6a4cff2e-8265-4584-8993-2da2eb6254f5', name: 'Deploy to live', application },
      parameterConfig: [
        { name: 'tag', required: true, default: null },
        { name: 'note', required: true, default: '' },
        {
          ...{ name: 'region', hasOptions: true, default: 'eu' },
          options: [{ value: 'eu' }, { value: 'us' }],
        },
      ],
    },
    {
      ...{ id: '1b2cff2e-8265-4584-8993-2da2eb6254f5', name: 'Deploy to test', application },
      parameterConfig: [],
    },
    {
      ...{ id: '2c3cff2e-8265-4584-8993-2da2eb6254f5', name: 'Retired', application },
      ...{ disabled: true, parameterConfig: [] },
    },
    {
      ...{ id: '3d4cff2e-8265-4584-8993-2da2eb6254f5', name: 'One by one', application },
      ...{ limitConcurrent: true, parameterConfig: [] },
    },
  ];
  const executions: Execution[] = [];

  const lastsOf = ({ course }: Execution): number =>
    course.stages.reduce((sum, { lasts }) => sum + lasts, 0);
  const isOpen = ({ endedAt }: Execution): boolean => endedAt === undefined;

  /** Brings everything to where it is by now. */
  function settle(): void {
    const now = clock.now();
    for (const each of executions.filter(isOpen)) {
      each.startedAt ??= turnOf(each);
      const { startedAt, canceledAt, course } = each;
      const cancelled =
        canceledAt === undefined || course.cancelTakes === undefined
          ? Number.POSITIVE_INFINITY
          : canceledAt + course.cancelTakes;
      const end = startedAt === undefined ? Number.POSITIVE_INFINITY : startedAt + lastsOf(each);
      if (Math.min(end, cancelled) > now) continue;
      each.endedAt = Math.min(end, cancelled);
      each.status = cancelled <= end ? 'CANCELED' : course.ends;
    }
  }

  /** When it begins, if it does by now: at once, or when the one before it has ended. */
  function turnOf(execution: Execution): number | undefined {
    const { pipeline, builtAt } = execution;
    const earlier = executions.slice(0, executions.indexOf(execution));
    const before = earlier.filter((each) => each.pipeline === pipeline);
    if (!pipeline.limitConcurrent) return builtAt;
    if (before.some(isOpen)) return undefined;
    return Math.max(builtAt, ...before.map(({ endedAt = 0 }) => endedAt));
  }

  return {
    pipelines,
    executions,
    settle,
    now: () => clock.now(),
    /** Joins what has the correlation id and goes on. */
    start(pipeline: Pipeline, trigger: Trigger, user = 'ci', changes: Partial<Course> = {}) {
      settle();
      const joined = executions.find(
        (each) =>
          isOpen(each) &&
          trigger.correlationId !== undefined &&
          each.trigger.correlationId === trigger.correlationId,
      );
      if (joined) return joined;
      const nth = executions.length + 1;
      const execution: Execution = {
        ...{ id: idOf(nth), pipeline, trigger, user, builtAt: clock.now() },
        course: { ...courseOf(nth), ...changes },
        ...{ startedAt: undefined, endedAt: undefined, status: undefined },
        ...{ canceledAt: undefined, reason: undefined },
      };
      executions.push(execution);
      settle();
      return execution;
    },
    /** One of the past, which began so long ago. */
    remember(pipeline: Pipeline, agoMs: number, lasted: number, key?: string): Execution {
      const startedAt = clock.now() - agoMs;
      const trigger = { type: 'manual', parameters: {}, payload: {} };
      const execution: Execution = {
        ...{ id: idOf(executions.length + 1), pipeline, user: 'somebody', builtAt: startedAt },
        trigger: key === undefined ? trigger : { ...trigger, correlationId: key },
        course: { ...usual, stages: [{ name: 'Deploy', lasts: lasted }] },
        ...{ startedAt, endedAt: startedAt + lasted, status: 'SUCCEEDED' },
        ...{ canceledAt: undefined, reason: undefined },
      };
      executions.push(execution);
      return execution;
    },
    cancel(execution: Execution, reason: string | undefined): void {
      settle();
      if (execution.endedAt !== undefined) return;
      execution.canceledAt ??= clock.now();
      execution.reason ??= reason;
    },
  };
}
export type World = ReturnType<typeof createWorld>;
