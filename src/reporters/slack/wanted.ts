import { isTerminal, type State, type Status } from '../../status.ts';
import { isFailure } from './message.ts';
import type { Occasion } from './settings.ts';

/** `known`: how the deploy before ended, where no forge says so. */
export const hasRecovered = ({ state, end }: Status, known: State | undefined): boolean => {
  const previous = end?.previous ?? known;
  return state === 'success' && previous !== undefined && isFailure(previous);
};

/** Whether a message begins with this status. */
export function isWanted(
  { state }: Pick<Status, 'state'>,
  recovered: boolean,
  on: readonly Occasion[],
): boolean {
  if (recovered && on.includes('recovered')) return true;
  if (!isTerminal(state)) return on.includes('start');
  return on.includes(state === 'success' || state === 'inactive' ? 'success' : 'failure');
}
