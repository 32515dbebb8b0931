import { stoppedAs } from '../../ending.ts';
import { messageOf, RemoteError } from '../../errors.ts';
import type { Verdict } from '../target.ts';
import { cancelOwn } from './cancel.ts';
import { createEvidence } from './evidence.ts';
import { createHint } from './hint.ts';
import { createJudge } from './judge.ts';
import { listenToApp } from './listen-to-app.ts';
import type { App } from './shapes.ts';
import type { Deploying, Promoting } from './stage.ts';
import { createTroubles } from './troubles.ts';

/** As many requests as the vendor's CLI needs, spent where they tell most. */
const lookEveryMs = 2700;
const leastMs = 1000;

export type Watching = {
  /** The rack said that it has taken the promotion. */
  readonly isSure: boolean;
  /** ms since the epoch. */
  readonly until: number;
  /** An earlier process asked for it; what the app did meanwhile nobody has seen. */
  readonly isResumed?: boolean;
  /** So long `running` with the old release may mean that it is still to begin. */
  readonly graceMs?: number;
};

/** Watches a rollout to its end. `not begun`: it was never seen to begin, and the rack did not say that it would. */
export async function watchRollout(
  d: Deploying,
  facts: Promoting,
  { until, ...how }: Watching,
): Promise<Verdict | 'not begun'> {
  const { job, rack, deps } = d;
  const { clock } = deps;
  const hint = createHint(clock);
  const judge = createJudge({ ...how, facts, since: clock.now() });
  const voices = listenToApp(d, facts, hint.give);
  const evidence = createEvidence(d);
  const troubles = createTroubles(deps.log, 'the rollout');
  let told = '';
  try {
    for (;;) {
      const left = Math.max(until - clock.now(), 0);
      const most = judge.isClose() ? leastMs : lookEveryMs;
      await hint.wait(Math.min(leastMs, left), Math.min(most, left), job.signal);
      if (job.signal.aborted) return await cancelOwn(d, facts, judge, stoppedAs(job.signal));
      if (clock.now() >= until) {
        deps.log.warn('convox_promote_timeout has passed');
        return overdue(await cancelOwn(d, facts, judge, 'timed_out'));
      }
      let app: App;
      try {
        app = await rack.app(job.signal);
        troubles.over();
      } catch (error) {
        if (job.signal.aborted) continue;
        await clock.pause(Math.min(troubles.add(error), until - clock.now()), job.signal);
        continue;
      }
      const word = inWords(app);
      if (word !== told) job.progress(word);
      told = word;
      const finding = judge.hear(app, clock.now());
      if (judge.isRollingBack()) evidence.take('now');
      else if (app.status === 'updating') evidence.take('in time');
      voices.look();
      if (finding === undefined) continue;
      if (finding === 'not begun') return finding;
      if (finding.outcome !== 'failure' || judge.isAnothers()) return finding;
      // Not every end is announced by a rollback.
      evidence.take('now');
      const reason = await evidence.sum();
      return reason ? { ...finding, description: `${finding.description}: ${reason}` } : finding;
    }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const why = `the rack does not let us follow, so how the rollout of ${facts.release} ends is not known`;
    return { outcome: 'error', description: `${why}: ${messageOf(error)}`, goesOn: rack.name() };
  } finally {
    evidence.stop();
    await voices.stop();
  }
}

const overdue = (verdict: Verdict): Verdict =>
  verdict.outcome === 'timed_out'
    ? { ...verdict, description: `convox_promote_timeout passed: ${verdict.description}` }
    : verdict;

const inWords = ({ status, release }: App): string =>
  status === 'rollback'
    ? `the rack rolls back${release ? ` to release ${release}` : ''}`
    : `the app is ${status}${release ? `, with release ${release}` : ''}`;
