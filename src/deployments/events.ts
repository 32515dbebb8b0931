import type { HookEvent } from '../hooks/hook.ts';
import type { Config, Deployment, Webhook } from './config.ts';
import { matchesAny } from './globs.ts';
import { speaksFor } from './webhook.ts';

export type Started = {
  readonly deployments: readonly Deployment[];
  /** Where there are none: why, for the answer and the log. */
  readonly why: string;
};

/**
 * The deployments that an event starts. `believed` are the entries of webhooks whose proof the delivery carries:
 * each speaks only for its own forge and repositories.
 */
export function startedBy(
  { deployments }: Config,
  believed: readonly Webhook[],
  event: HookEvent,
): Started {
  const { repository, repositoryName = repository, forge } = event;
  const names = [repository, repositoryName].map((name) => name.toLowerCase());
  const ofRepository = deployments.filter((each) => {
    const isTheirs = names.includes(each.repository.toLowerCase());
    return isTheirs && each.forge === forge && believed.some((hook) => speaksFor(hook, each));
  });
  if (ofRepository.length === 0)
    return { deployments: [], why: 'no deployment has this repository' };
  const found = ofRepository.filter((each) => isStartedBy(each, event));
  return {
    deployments: found,
    why: found.length > 0 ? '' : `no rule starts by this ${event.kind}`,
  };
}

function isStartedBy({ on, environment }: Deployment, event: HookEvent): boolean {
  const { kind, ref = '' } = event;
  if (kind === 'push') return matchesAny(on.push, ref);
  if (kind === 'tag') return matchesAny(on.tag, ref);
  return on.deployment && environment.toLowerCase() === event.environment?.toLowerCase();
}
