import { isTerminal } from '../status.ts';
import type { Session } from './session.ts';

/**
 * Which attempt of the run key this is. A killed process's successor goes on with its deployment, so it finds
 * the same id and the same last end; a deliberate retry finds a new deployment, or a later end in the old one.
 */
export function attemptOf({ order, channels }: Pick<Session, 'order' | 'channels'>): string {
  if (order.runId) return order.runId;
  const deployment = deploymentOf(channels);
  // Nothing remembers this process, so nothing can go on with it either.
  if (!deployment) return order.expiry.toString(36);
  const ended = deployment.statuses.find(({ state }) => isTerminal(state));
  return `${deployment.id}-${(ended?.at ?? 0).toString(36)}`;
}

/** Nothing would tell of an earlier process with this key, nor a later one of this. */
export const isUnremembered = ({ order, channels }: Pick<Session, 'order' | 'channels'>): boolean =>
  !order.runId && deploymentOf(channels) === undefined;

const deploymentOf = (channels: Session['channels']) =>
  channels.map((channel) => channel.deployment() ?? channel.adopted()).find((each) => each);

/**
 * When the killed process with our key began, as its marks at the forge tell: not before the last end that a
 * deployment had, for what was done until then belongs to an earlier attempt. ms since the epoch.
 */
export function predecessorSince({
  order,
  channels,
}: Pick<Session, 'order' | 'channels'>): number | undefined {
  const times = channels.flatMap((channel) => {
    const deployment = channel.asOpened() ?? channel.adopted();
    if (!deployment) return [];
    const ended = deployment.statuses.findIndex(({ state }) => isTerminal(state));
    const since = ended < 0 ? deployment.statuses : deployment.statuses.slice(0, ended);
    const marks = [...since.map(({ marker }) => marker), deployment.owner];
    const began = marks.flatMap((mark) => (mark?.key === order.runKey ? [mark.seq] : []));
    if (began.length === 0) return [];
    const end = deployment.statuses[ended]?.at ?? 0;
    return [Math.max(Math.min(...began), end) - (channel.reporter.forge?.ahead() ?? 0)];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}
