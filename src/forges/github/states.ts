import type { State } from '../../status.ts';
import type { Deployment, ForgeState } from '../forge.ts';

export type DeploymentWords = {
  readonly cancelState: 'failure' | 'error' | 'inactive';
  /** Whether a run of ours made the deployment. */
  readonly created: boolean;
  readonly gitploy: boolean;
};

/** Gitploy shows `error` as a riddle and waits for ever after `inactive`, of which it never hears. */
export const isGitploys = ({ description }: Deployment): boolean => /gitploy/i.test(description);

/** Our state in the words of a deployment. */
export function deploymentState(state: State, words: DeploymentWords): ForgeState {
  switch (state) {
    case 'timed_out':
      return 'failure';
    case 'error':
      return words.gitploy ? 'failure' : 'error';
    case 'cancelled':
      return words.gitploy ? 'failure' : words.cancelState;
    case 'superseded':
      return words.created ? 'inactive' : 'failure';
    default:
      return state;
  }
}

/** After these the environment serves what it served before, or nobody knows. */
export const serves = (state: State): boolean =>
  ['queued', 'in_progress', 'pending', 'success'].includes(state);
