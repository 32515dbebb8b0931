import type { State } from '../../status.ts';
import type { ForgeState } from '../forge.ts';

export type BuildWord = 'INPROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'CANCELLED';
export type DeploymentWord =
  | 'PENDING'
  | 'IN_PROGRESS'
  | 'SUCCESSFUL'
  | 'FAILED'
  | 'CANCELLED'
  | 'ROLLED_BACK';

const ends: Partial<Record<State, 'SUCCESSFUL' | 'FAILED'>> = {
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
  timed_out: 'FAILED',
};

export function buildWord(state: State): BuildWord {
  if (state === 'queued' || state === 'pending' || state === 'in_progress') return 'INPROGRESS';
  return ends[state] ?? 'CANCELLED';
}

export function deploymentWord(state: State): DeploymentWord {
  if (state === 'queued' || state === 'pending') return 'PENDING';
  return state === 'in_progress' ? 'IN_PROGRESS' : (ends[state] ?? 'CANCELLED');
}

/** What a build is told where its deployment had ended so. */
export const stateBehind = (end: DeploymentWord): 'success' | 'failure' =>
  end === 'SUCCESSFUL' || end === 'ROLLED_BACK' ? 'success' : 'failure';

/** An older server knows no `CANCELLED` and keeps `FAILED`: both have ended, and neither went well. */
export const stateOf = (state: State): ForgeState => stateIn(buildWord(state));

export function stateIn(word: string): ForgeState {
  if (word === 'INPROGRESS') return 'pending';
  return word === 'SUCCESSFUL' ? 'success' : 'failure';
}
