import { iso } from './places.ts';
import type { Deployment } from './world.ts';

/** A deployment's life for people, oldest first. */
export function drawTimeline(deployment: Deployment): string {
  const { id, environment, ref, sha, creator, createdAt } = deployment;
  const head = `${iso(createdAt)} deployment ${id} of ${ref} (${sha.slice(0, 7)}) to ${environment} by ${creator}`;
  const lines = deployment.statuses.map(({ createdAt: at, state, description, ...status }) => {
    const links = [status.logUrl, status.environmentUrl].filter((link) => link !== '');
    return [iso(at), state.padEnd(11), description, ...links, `by ${status.creator}`].join(' ');
  });
  return [head, ...lines].join('\n');
}
