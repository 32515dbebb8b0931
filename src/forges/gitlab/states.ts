import type { State } from '../../status.ts';
import type { ForgeState } from '../forge.ts';

export type StatusWord = 'pending' | 'running' | 'success' | 'failed' | 'canceled';
export type DeploymentWord = Exclude<StatusWord, 'pending'>;

/** Our state in GitLab's words, in which a time that ran out is a failure and whatever was stopped is cancelled. */
export function wordOf(state: State): StatusWord {
  switch (state) {
    case 'queued':
    case 'pending':
      return 'pending';
    case 'in_progress':
      return 'running';
    case 'success':
      return 'success';
    case 'failure':
    case 'error':
    case 'timed_out':
      return 'failed';
    default:
      return 'canceled';
  }
}

/** So ends what never began: there is nothing that a deployment could show. */
export const unbegun: readonly State[] = [
  'error',
  'timed_out',
  'cancelled',
  'superseded',
  'inactive',
];

const read: Readonly<Record<StatusWord, ForgeState>> = {
  pending: 'pending',
  running: 'in_progress',
  success: 'success',
  failed: 'failure',
  canceled: 'error',
};
const wordsOf = new Map<ForgeState, StatusWord>(
  Object.entries(read).map(([word, state]) => [state, word as StatusWord]),
);

export const stateOf = (state: State): ForgeState => read[wordOf(state)];

/** What was meant by an end that GitLab has kept. */
export const stateBehind = (end: ForgeState): State =>
  end === 'success' || end === 'failure' ? end : 'cancelled';

/** `created`, `skipped` and `manual` are words for jobs of GitLab's own. */
export function stateIn(word: string): ForgeState {
  if (word === 'created' || word === 'manual' || word === 'scheduled') return 'pending';
  return read[word as StatusWord] ?? (word === 'skipped' ? 'success' : 'error');
}

export const wordFor = (state: ForgeState): StatusWord => wordsOf.get(state) ?? 'canceled';
