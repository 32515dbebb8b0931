import type { Run, RunStatus } from '../store/run.ts';
import { jsonBytes } from './answer.ts';
import type { Links } from './links.ts';

export type RunView = Readonly<Record<string, unknown>>;

/** One run as the API has it. Status and progress are texts in every state: Orca fails a stage over null. */
export const runView = (run: Run, links: Links): RunView => ({
  id: run.id,
  deployment: run.deployment,
  repo: run.repo,
  environment: run.environment,
  commit: run.commit ?? null,
  ref: run.ref ?? null,
  task: run.task,
  deployment_id: run.deploymentId ?? null,
  status: run.status,
  progress: progressOf(run),
  description: run.description ?? null,
  environment_url: run.environmentUrl ?? null,
  created_at: time(run.createdAt),
  started_at: time(run.startedAt),
  ended_at: time(run.endedAt),
  actor: run.actor ?? null,
  source: run.source,
  status_url: links.api(`/v1/runs/${run.id}`),
  cancel_url: links.api(`/v1/runs/${run.id}/cancel`),
  html_url: links.api(`/runs/${run.id}`),
  outputs: run.outputs,
});

const time = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

/** For people, and never empty. */
export function progressOf({ status, progress, cancel }: Run): string {
  if (progress !== '') return progress;
  if (status === 'QUEUED') return 'waits for its turn';
  if (status === 'IN_PROGRESS') return cancel ? 'is being cancelled' : 'is in progress';
  return `ended as ${status}`;
}

/** An unknown word means an hour of waiting to Orca. */
const spinnakerWords: Partial<Record<RunStatus, RunStatus>> = {
  SUPERSEDED: 'CANCELED',
  REFUSED: 'FAILURE',
};
const longestProgress = 500;
/** Orca keeps every answer twice, and shows it. */
const largest = 2000;

export function spinnakerView(run: Run, links: Links): RunView {
  const progress = progressOf(run);
  const whole: RunView = {
    ...runView(run, links),
    status: spinnakerWords[run.status] ?? run.status,
    progress: shortened(progress),
    status_url: links.api(`/spinnaker/v1/runs/${run.id}`),
  };
  if (jsonBytes(whole).length <= largest) return whole;
  return {
    ...whole,
    outputs: {},
    description: run.description ? shortened(run.description) : null,
  };
}

const shortened = (text: string): string =>
  text.length <= longestProgress ? text : `${text.slice(0, longestProgress - 1).toWellFormed()}…`;
