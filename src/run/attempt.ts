import { isTerminal } from '../status.ts';
import type { Session } from './session.ts';

/**
 * Which attempt of the run key this is. A killed process's successor goes on with its deployment, so it finds
 * the same id and the same last end; a deliberate retry finds a new deployment, or a later end in the old one.
 */
export function attemptOf({ order, channels }: Pick<Session, 'order' | 'channels'>): string {
  if (order.runId) return order.runId;
  const known = channels.map((channel) => channel.deployment() ?? channel.adopted());
  const deployment = known.find((each) => each !== undefined);
  // Nothing remembers this process, so nothing can go on with it either.
  if (!deployment) return order.expiry.toString(36);
  const ended = deployment.statuses.find(({ state }) => isTerminal(state));
  return `${deployment.id}-${(ended?.at ?? 0).toString(36)}`;
}
