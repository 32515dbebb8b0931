import type { Verdict } from '../target.ts';
import type { App } from './shapes.ts';
import type { Promoting } from './stage.ts';

/** A status may lag behind what the rack does; so long `running` with the old release means that it has not begun. */
const usualGraceMs = 60_000;
/** `running` with the new release is believed at once only when the rollout was seen; else after this time. */
const unseenMs = 10_000;
/** So many looks in a row must say the same. */
const believed = 2;
/** The old release is back, and nobody has said "rollback": more than a stale answer. */
const believedBack = 3;
/** A rack that rolls back is watched for so long. */
const rollbackMs = 15 * 60_000;

export type Judge = {
  /** What one look at the app comes to; undefined while it is open. */
  hear(app: App, now: number): Verdict | 'not begun' | undefined;
  /** The next look may decide. */
  isClose(): boolean;
  isRollingBack(): boolean;
  /** What rolls out there is surely ours, as of the last look. */
  isOurs(): boolean;
  /** By the last look, another's rollout has followed ours. */
  isOvertaken(): boolean;
  /** What runs there is somebody else's, and so is what the rack says of its processes. */
  isAnothers(): boolean;
};

type Case = {
  readonly facts: Promoting;
  readonly isSure: boolean;
  readonly isResumed?: boolean;
  /** ms since the epoch. */
  readonly since: number;
  readonly graceMs?: number;
};

/** The state machine of a rollout, as far as it can be seen from `status` and `release`. */
export function createJudge(given: Case): Judge {
  const { facts, isSure, since, graceMs = usualGraceMs } = given;
  const { release } = facts;
  // Not known where an earlier process asked: then what is there is what was there.
  let { previous } = facts;
  const old = (): string => (previous ? `release ${previous}` : 'nothing');
  let hasBegun = false;
  let sawOurs = false;
  let sawOursUpdate = false;
  let hasServed = false;
  let isOvertaken = false;
  let sawMove = false;
  let isOurs = isSure;
  let isAnothers = false;
  let rollbackSince: number | undefined;
  let good = 0;
  let back = 0;

  const failure = (description: string): Verdict => ({ outcome: 'failure', description });
  const error = (description: string): Verdict => ({ outcome: 'error', description });
  const unknown = `not known whether release ${release} ever served`;
  const serves = (app: App): string => (app.release ? `release ${app.release}` : 'nothing');

  function ofRunning(app: App, now: number): Verdict | 'not begun' | undefined {
    const isNew = app.release === release;
    if (rollbackSince !== undefined && !isNew) {
      return isStale(now) ? undefined : rolledBack(app);
    }
    // Promoted once more, it is there before anything has begun.
    if (isNew && previous !== release) hasBegun = isOurs = true;
    if (isNew && sawOursUpdate) hasServed = true;
    good = isNew ? good + 1 : 0;
    back = isNew ? 0 : back + 1;
    if (isNew) {
      const isBelieved = good >= believed && (sawMove || now - since >= unseenMs);
      return isBelieved
        ? { outcome: 'success', description: `release ${release} is running` }
        : undefined;
    }
    previous ??= app.release;
    if (app.release !== previous && app.release !== '') {
      if (back < believedBack) return undefined;
      isAnothers = true;
      const other = `release ${app.release} is running, promoted by somebody else meanwhile`;
      return error(`${unknown}: ${other}`);
    }
    if (hasBegun) return back < believedBack ? undefined : rolledBack(app);
    if (now - since < graceMs) return undefined;
    if (!isSure) return 'not begun';
    const open = given.isResumed
      ? `runs ${old()} now: whether it was undone or is still to begin is not known`
      : `still runs ${old()}: whether it will begin is not known`;
    return error(`the rack took the promotion of ${release} and ${open}`);
  }

  /** Whoever forces a promotion meets what was there before it: that says nothing of ours. */
  const isStale = (now: number): boolean => !sawMove && !sawOurs && now - since < graceMs;

  /** Of `previous`, it may be ours that has not begun to show; once it has, it is somebody else's. */
  function isAfterOurs({ status, release: seen }: App): boolean {
    if (seen === release || seen === '') return false;
    if (previous === undefined) return status === 'updating';
    return seen === previous ? sawOurs && status === 'updating' : true;
  }

  function rolledBack(app: App): Verdict {
    if (isOurs) {
      const isOld = previous === undefined || ['', previous].includes(app.release);
      isAnothers = !isOld;
      const other = `, and ${serves(app)} is running, promoted by somebody else meanwhile`;
      return failure(
        `the rack rolled release ${release} back${isOld ? ` to ${serves(app)}` : other}`,
      );
    }
    const what = `a rollout was undone, and ${serves(app)} is running`;
    return error(`not known whether ${release} was promoted: ${what}`);
  }

  return {
    hear(app, now) {
      const { status } = app;
      if (app.release === release && previous !== release) sawOurs = true;
      isOvertaken = isAfterOurs(app);
      // One look is enough then: racks take the next promotion only once the app runs.
      if (hasServed && isOvertaken && (status === 'updating' || status === 'running')) {
        const next = `release ${app.release} has followed it, promoted by somebody else`;
        return { outcome: 'success', description: `release ${release} was running; ${next}` };
      }
      if (status === 'running') return ofRunning(app, now);
      good = back = 0;
      if (status === 'failed' || status === 'deleting') {
        if (status === 'failed' && isStale(now)) return undefined;
        if (isOvertaken) {
          isAnothers = true;
          const other = `the app is ${status} now with ${serves(app)}, promoted by somebody else meanwhile`;
          return error(`${unknown}: ${other}`);
        }
        return failure(`the rollout of release ${release} ended badly: the app is ${status} now`);
      }
      if (status === 'rollback') {
        hasBegun = true;
        // Of a rollout that has followed ours it is theirs that goes back, to ours for all we know.
        if (isOvertaken) return undefined;
        rollbackSince ??= now;
        return now - rollbackSince > rollbackMs
          ? failure(`the rack is still rolling release ${release} back to ${old()}`)
          : undefined;
      }
      if (status === 'updating') {
        sawMove = hasBegun = true;
        if (app.release === release && previous !== release) isOurs = sawOursUpdate = true;
      }
      return undefined;
    },
    isClose: () => good > 0 || back > 0 || rollbackSince !== undefined,
    isRollingBack: () => rollbackSince !== undefined,
    isOurs: () => isOurs && !isOvertaken,
    isOvertaken: () => isOvertaken,
    isAnothers: () => isAnothers,
  };
}
