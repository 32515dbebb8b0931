import type { Deployment, Look } from '../forges/forge.ts';
import { nameOf, type Plan } from './decide.ts';

/** What a look at one forge leads to, a line each: for `check`, `dry_run` and the debug log. */
export function planText(plan: Plan, { adopted, others }: Look): readonly string[] {
  if (plan.go === 'stop') return [`end as ${plan.outcome}: ${plan.reason}`];
  if (plan.go === 'echo') {
    const original = nameOf(plan.original);
    return [`this build is the echo of ${original}: wait for its end, and change nothing`];
  }
  const count = others.length === 1 ? '1 other' : `${others.length} others`;
  return [
    plan.adopt
      ? `adopt ${shown(plan.adopt)}, which ${adopted ? 'the build names' : 'this run opened before'}`
      : `open a new deployment or status: this run has none yet (seen: ${count})`,
    ...(plan.predecessor ? ['an earlier process of this run was killed: go on from there'] : []),
    ...plan.orphans.map((one) => `close ${orphanText(one)}`),
    ...plan.alive.map((one) => `${nameOf(one)} is open, and its run may be alive (when_busy)`),
    ...plan.strangers.map((one) => `${nameOf(one)} is open and not of Slipway: leave it alone`),
  ];
}

export const orphanText = (one: Deployment): string =>
  one.untold
    ? `${nameOf(one)}: its run has ended as ${one.untold}, and it was not told`
    : `${nameOf(one)}: its run is over and has not said how it ended`;

const shown = (one: Deployment): string => {
  const state = one.statuses[0]?.state ?? 'no state yet';
  return `${nameOf(one)} (${one.environment}, commit ${one.sha.slice(0, 8)}, ${state})`;
};
