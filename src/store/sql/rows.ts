import type { Cancel, NewRun, Run, RunChange, RunStatus } from '../run.ts';
import type { Row, Value } from './database.ts';

/** Columns that a run may still learn, by the name that the contract gives them. */
export const changeable = {
  progress: 'progress',
  description: 'description',
  environmentUrl: 'environment_url',
  deploymentState: 'deployment_state',
  deploymentId: 'deployment_id',
  commit: 'commit_sha',
  ref: 'ref',
  task: 'task',
} as const satisfies Record<keyof RunChange, string>;

/** All of a run that is shown. */
export const shown = `seq, id, deployment, slot, repo, environment, commit_sha, ref, task, deployment_id, description,
  actor, source, status, progress, environment_url, deployment_state, created_at, started_at, ended_at, outputs,
  cancel_at, cancel_by, cancel_reason`;

const text = (value: Value | undefined): string => String(value ?? '');
const given = <K extends string, T>(key: K, value: Value | undefined, as: (v: Value) => T) =>
  value === null || value === undefined ? {} : ({ [key]: as(value) } as { [P in K]: T });

export function runOf(row: Row): Run {
  return {
    id: text(row.id),
    deployment: text(row.deployment),
    slot: text(row.slot),
    repo: text(row.repo),
    environment: text(row.environment),
    ...given('commit', row.commit_sha, String),
    ...given('ref', row.ref, String),
    task: text(row.task),
    ...given('deploymentId', row.deployment_id, String),
    ...given('description', row.description, String),
    ...given('actor', row.actor, String),
    source: text(row.source),
    status: text(row.status) as RunStatus,
    progress: text(row.progress),
    ...given('environmentUrl', row.environment_url, String),
    ...given('deploymentState', row.deployment_state, String),
    createdAt: Number(row.created_at),
    ...given('startedAt', row.started_at, Number),
    ...given('endedAt', row.ended_at, Number),
    outputs: JSON.parse(text(row.outputs)),
    ...(row.cancel_at === null ? {} : { cancel: cancelOf(row) }),
  };
}

export const cancelOf = (row: Row): Cancel => ({
  at: Number(row.cancel_at),
  by: text(row.cancel_by),
  ...given('reason', row.cancel_reason, String),
});

/** PostgreSQL takes no NUL, and neither database half a character; nobody wrote either on purpose. */
export const clean = (value: string): string => value.toWellFormed().replaceAll('\0', '\ufffd');
export const cleaned = (value: string | undefined): string | null =>
  value === undefined ? null : clean(value);

/** What the tables give a new run by themselves, and what it does not have yet. */
export const untouched: Row = {
  ...{ status: 'QUEUED', progress: '', outputs: '{}' },
  ...{ environment_url: null, deployment_state: null, started_at: null, ended_at: null },
  cancel_at: null,
};

/** A new run as a row. */
export const columnsOf = (run: NewRun): Record<string, Value> => ({
  deployment: clean(run.deployment),
  slot: clean(run.slot),
  repo: clean(run.repo),
  environment: clean(run.environment),
  commit_sha: cleaned(run.commit),
  ref: cleaned(run.ref),
  task: clean(run.task),
  deployment_id: cleaned(run.deploymentId),
  description: cleaned(run.description),
  actor: cleaned(run.actor),
  source: clean(run.source),
  request: JSON.stringify(run.request),
});
