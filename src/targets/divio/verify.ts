import { RemoteError } from '../../errors.ts';
import { briefly } from './brief.ts';
import type { Deploying } from './deploying.ts';
import { historyOf } from './git.ts';
import { patiently } from './patience.ts';
import { readable } from './places.ts';
import type { Environment } from './wire.ts';

/** What Divio has deployed, beside what was ordered. */
export type Verified =
  | { readonly is: 'same' | 'newer'; readonly deployed: string }
  | { readonly is: 'other'; readonly deployed: string; readonly said: string }
  /** There is nothing to compare. */
  | { readonly is: 'unknown'; readonly deployed: string | undefined; readonly said: string };

/** Reads which commit the environment runs, and compares. Why that cannot be read is said too: nothing hangs on it. */
export async function verify(d: Deploying, signal: AbortSignal): Promise<Verified> {
  const read = (each: AbortSignal) => readable(d.service, d.place, each);
  try {
    return await compare(d, await briefly(d, signal, (each) => patiently(d, read, each)));
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const said = `the deployed commit could not be read: ${error.message}`;
    return { is: 'unknown', deployed: undefined, said };
  }
}

async function compare({ job, deps }: Deploying, environment: Environment): Promise<Verified> {
  const deployed = environment.deployedCommit;
  const wanted = job.order.commit?.toLowerCase();
  if (deployed === undefined) {
    const said = 'Divio does not say which commit it has deployed (pending_commits_lookup)';
    return { is: 'unknown', deployed, said };
  }
  if (wanted === undefined) {
    return { is: 'unknown', deployed, said: 'no commit was ordered with which to compare' };
  }
  if (wanted.startsWith(deployed)) return { is: 'same', deployed };
  const isNewer = await historyOf(job.tree, deps.env).contains(deployed, wanted);
  if (isNewer) return { is: 'newer', deployed };
  // Whether the one contains the other is not known.
  const maybe = isNewer === undefined ? ' (maybe newer)' : '';
  const said = `Divio deployed ${short(deployed)}${maybe}, not ${short(wanted)}`;
  return { is: 'other', deployed, said };
}

const short = (commit: string): string => commit.slice(0, 7);

/** GitHub shows 140 characters: what helps comes within them. */
export const cured = (said: string): string =>
  `${said}: webhook missing? Press Update at Divio, or raise divio_pull_delay`;
