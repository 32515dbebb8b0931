import { isObject } from '../../settings/rules.ts';
import { reasonIn } from './reason.ts';

/** What Gate's answers hold, as far as we read it. Any field may be missing, null or of another kind. */
export type Parameter = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  /** The only values that its author had in mind; empty: any. */
  readonly options: readonly string[];
};
export type Pipeline = {
  readonly id: string | undefined;
  readonly name: string;
  readonly application: string | undefined;
  readonly isDisabled: boolean;
  readonly parameters: readonly Parameter[];
};
export type Stage = {
  readonly id: string;
  readonly name: string;
  readonly type: string | undefined;
  /** The stage that it is a part of. */
  readonly parent: string | undefined;
  readonly status: string | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** What a person decided at a manual judgment. */
  readonly judgment: string | undefined;
  readonly instructions: string | undefined;
  /** Why it failed. */
  readonly reason: string | undefined;
};
export type Execution = {
  readonly id: string;
  readonly status: string | undefined;
  readonly name: string | undefined;
  readonly pipelineId: string | undefined;
  readonly correlationId: string | undefined;
  /** ms since the epoch, by Spinnaker's clock. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Somebody has cancelled it, whether or not it has ended yet. */
  readonly isCanceled: boolean;
  readonly canceledBy: string | undefined;
  /** Why it was cancelled, or could not be started. */
  readonly reason: string | undefined;
  readonly pausedBy: string | undefined;
  readonly stages: readonly Stage[];
};

/** One line, for people. */
const line = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() || undefined : undefined;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;
const time = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;
const objects = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

export function readPipeline(json: unknown): Pipeline | undefined {
  if (!isObject(json)) return undefined;
  // To the letter: it is compared with what the author wrote.
  const name = text(json.name);
  if (name === undefined) return undefined;
  return {
    id: text(json.id),
    name,
    application: text(json.application),
    isDisabled: json.disabled === true,
    parameters: objects(json.parameterConfig).flatMap((each) => readParameter(each) ?? []),
  };
}

function readParameter(json: Record<string, unknown>): Parameter | undefined {
  const name = text(json.name);
  if (name === undefined) return undefined;
  const values = objects(json.options).map(({ value }) => value);
  const options = json.hasOptions === true ? values.map((value) => String(value ?? '')) : [];
  const hasDefault = json.default !== undefined && json.default !== null;
  return { name, isRequired: json.required === true, hasDefault, options };
}

export function readExecution(json: unknown): Execution | undefined {
  if (!isObject(json)) return undefined;
  const id = text(json.id);
  if (id === undefined) return undefined;
  const trigger = isObject(json.trigger) ? json.trigger : {};
  const paused = isObject(json.paused) ? json.paused : {};
  return {
    id,
    status: line(json.status)?.toUpperCase(),
    name: line(json.name),
    pipelineId: text(json.pipelineConfigId),
    correlationId: text(trigger.correlationId),
    startedAt: time(json.startTime),
    endedAt: time(json.endTime),
    isCanceled: json.canceled === true,
    canceledBy: line(json.canceledBy),
    reason: line(json.cancellationReason),
    pausedBy: line(paused.pausedBy),
    stages: objects(json.stages).flatMap((stage) => readStage(stage) ?? []),
  };
}

function readStage(json: Record<string, unknown>): Stage | undefined {
  const id = text(json.id) ?? text(json.refId);
  if (id === undefined) return undefined;
  const context = isObject(json.context) ? json.context : {};
  return {
    id,
    name: line(json.name) ?? line(json.type) ?? id,
    type: text(json.type),
    parent: text(json.parentStageId),
    status: line(json.status)?.toUpperCase(),
    startedAt: time(json.startTime),
    endedAt: time(json.endTime),
    judgment: line(context.judgmentStatus),
    instructions: line(context.instructions),
    reason: reasonIn(context),
  };
}

/** The words of which we know that they are an end. */
const ends = ['SUCCEEDED', 'FAILED_CONTINUE', 'TERMINAL', 'CANCELED', 'STOPPED', 'SKIPPED'];
const going = ['NOT_STARTED', 'RUNNING', 'PAUSED', 'SUSPENDED', 'REDIRECT', 'BUFFERED'];

export const isKnownWord = (status: string | undefined): boolean =>
  status !== undefined && (ends.includes(status) || going.includes(status));

/** By its word; where we do not know that, by whether it says when it ended. */
export const isOver = ({ status, endedAt }: Pick<Execution, 'status' | 'endedAt'>): boolean =>
  isKnownWord(status) ? ends.includes(status ?? '') : endedAt !== undefined;

/** How long the good ones took, in ms. */
export const durationsOf = (executions: readonly Execution[]): readonly number[] =>
  executions.flatMap(({ status, startedAt, endedAt }) =>
    status === 'SUCCEEDED' && startedAt && endedAt && endedAt > startedAt
      ? [endedAt - startedAt]
      : [],
  );
