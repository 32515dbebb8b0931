import { stoppedAs } from '../../ending.ts';
import type { RemoteError } from '../../errors.ts';
import type { Verdict } from '../target.ts';

export const isVerdict = (value: object): value is Verdict => 'outcome' in value;

/** `link`: the application's page in the Control Panel, where it can be seen. */
export const notKnown = ({ link }: { readonly link: string }, why: string): Verdict => ({
  outcome: 'error',
  description: `not known ${why}; see ${link}`,
});

export const nothingDone = (outcome: Verdict['outcome'], why: string): Verdict => ({
  outcome,
  description: `nothing was deployed: ${why}`,
});

/** Of a failure before anything began. Credentials that do not work are thrown: they are the author's to mend. */
export function nothingDoneBy(error: RemoteError, signal: AbortSignal): Verdict {
  const { kind, message } = error;
  if (signal.aborted) return nothingDone(stoppedAs(signal), message);
  if (kind === 'credentials' || kind === 'permission') throw error;
  return nothingDone(kind === 'refused' ? 'failure' : 'error', message);
}
