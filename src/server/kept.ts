import type { Deployment } from '../deployments/config.ts';
import type { RunRequest, SpinnakerFacts } from '../deployments/request.ts';
import type { Selected } from '../deployments/select.ts';
import { slotOf } from '../deployments/silence.ts';
import type { HookEvent } from '../hooks/hook.ts';
import type { NewRun } from '../store/run.ts';
import type { Json } from '../targets/target.ts';

/** What the execution of a run finds in the store as its `request`. */
export type KeptRequest = {
  /** Callers' settings, for `runSources`. */
  readonly settings: RunRequest['settings'];
  readonly spinnaker?: SpinnakerFacts;
  /** What happened at the forge. It only names; what the forge itself says has the last word. */
  readonly event?: Partial<HookEvent>;
};

export const keptRequest = (request: NewRun['request']): KeptRequest =>
  request as unknown as KeptRequest;

/** The store writes it as JSON, which leaves out what is undefined. */
const kept = (request: KeptRequest): NewRun['request'] =>
  request as unknown as { readonly [key: string]: Json };

type Facts = Partial<Pick<NewRun, 'commit' | 'ref' | 'task' | 'deploymentId' | 'description'>>;

/** What a request asks for, with what slipway.yml fixes over it, as far as it can be shown at once. */
export function runOfRequest(
  { deployment, settings, spinnaker }: Selected,
  source: 'api' | 'spinnaker',
  token: string,
): NewRun {
  const all = { ...settings, ...deployment.settings };
  const { commit = deployment.settings.sha, ref, task, deployment_id: id, description } = all;
  const facts: Facts = {
    ...(commit ? { commit: commit.trim().toLowerCase() } : {}),
    ...(ref ? { ref: ref.trim() } : {}),
    ...(task ? { task: task.trim() } : {}),
    ...(id && id.trim() !== '0' ? { deploymentId: id.trim() } : {}),
    ...(description ? { description } : {}),
  };
  const { application, pipeline } = spinnaker ?? {};
  const actor = [application, pipeline].filter(Boolean).join(' / ') || token;
  const request: KeptRequest = { settings, ...(spinnaker ? { spinnaker } : {}) };
  return { ...runOf(deployment, facts), source, actor, request: kept(request) };
}

export function runOfEvent(deployment: Deployment, event: HookEvent): NewRun {
  const { forge, sha, ref, deploymentId, actor } = event;
  const facts: Facts = {
    ...(sha ? { commit: sha } : {}),
    ...(ref ? { ref } : {}),
    ...(deploymentId ? { deploymentId } : {}),
  };
  return {
    ...runOf(deployment, facts),
    source: forge,
    ...(actor ? { actor } : {}),
    request: kept({ settings: {}, event }),
  };
}

const runOf = (
  deployment: Deployment,
  facts: Facts,
): Omit<NewRun, 'source' | 'actor' | 'request'> => ({
  deployment: deployment.name,
  slot: slotOf(deployment),
  repo: deployment.repository,
  environment: deployment.environment,
  task: 'deploy',
  ...facts,
});
