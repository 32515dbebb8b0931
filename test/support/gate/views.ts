import type { Execution, StageCourse, World } from './world.ts';

/** An execution as Gate shows it; `expand: false` leaves out what the stages hold. */
export function executionView(world: World, execution: Execution, expand = true) {
  const { id, pipeline, trigger, user, course, builtAt, startedAt, endedAt, status } = execution;
  const isCanceled = execution.canceledAt !== undefined || status === 'CANCELED';
  const waits = startedAt === undefined ? 'NOT_STARTED' : (course.runs ?? 'RUNNING');
  return {
    ...{ type: 'PIPELINE', id, application: pipeline.application, name: pipeline.name },
    ...{ buildTime: builtAt, startTime: startedAt ?? null, endTime: endedAt ?? null },
    status: status ?? waits,
    canceled: isCanceled,
    canceledBy: isCanceled ? (course.canceledBy ?? user) : null,
    cancellationReason: execution.reason ?? (status ? (course.reason ?? null) : null),
    paused: course.pausedBy ? { pausedBy: course.pausedBy, pauseTime: startedAt } : null,
    ...{ pipelineConfigId: pipeline.id, limitConcurrent: pipeline.limitConcurrent ?? false },
    ...{ keepWaitingPipelines: false, origin: 'api', spelEvaluator: 'v4' },
    authentication: { user, allowedAccounts: ['production'] },
    trigger: { ...trigger, user, artifacts: [], notifications: [], rebake: false, dryRun: false },
    stages: stagesView(world, execution, expand),
  };
}

function stagesView(world: World, execution: Execution, expand: boolean): unknown[] {
  const { startedAt, endedAt, status } = execution;
  const now = endedAt ?? world.now();
  let from = startedAt ?? Number.POSITIVE_INFINITY;
  return execution.course.stages.flatMap((stage, n) => {
    const began = from;
    from += stage.lasts;
    const isEnded = from <= now;
    const word = isEnded ? (stage.ends ?? 'SUCCEEDED') : status === 'CANCELED' ? status : 'RUNNING';
    const id = `${execution.id}-${n + 1}`;
    const own = {
      ...{ id, refId: String(n + 1), type: stage.type ?? 'wait', name: stage.name },
      status: began > now ? 'NOT_STARTED' : word,
      startTime: began > now ? null : began,
      endTime: isEnded ? from : null,
      ...{ parentStageId: null, syntheticStageOwner: null, tasks: [] },
      context: expand ? contextOf(stage, isEnded) : {},
    };
    if (stage.error === undefined || !isEnded) return [own];
    const exception = { details: { error: 'Unexpected Task Failure', errors: [stage.error] } };
    const part = {
      ...own,
      ...{ id: `${id}-part`, refId: `${n + 1}<1`, name: 'deployManifest', parentStageId: id },
      ...{ syntheticStageOwner: 'STAGE_BEFORE', context: expand ? { exception } : {} },
    };
    return [own, part];
  });
}

function contextOf({ type, ends, instructions }: StageCourse, isEnded: boolean): object {
  if (type !== 'manualJudgment') return { account: 'production' };
  const judged = ends === 'TERMINAL' ? 'stop' : 'continue';
  return { instructions, ...(isEnded ? { judgmentStatus: judged } : {}) };
}
