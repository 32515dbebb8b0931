import { durationText } from '../duration.ts';
import type { Target } from '../targets/target.ts';
import type { Prepared } from './prepare.ts';

/** What a deploy would do, step by step. */
export function planLines(
  { order, reporters, values }: Prepared,
  target: Target,
): readonly string[] {
  const slot = [order.repo, order.environment, order.component].filter(Boolean).join(' ');
  const forges = reporters.map(({ entry }) => entry.id);
  const adopted = order.deploymentId
    ? `adopt deployment ${order.deploymentId}`
    : 'find or create the deployment or commit status';
  const steps = [
    ...(forges.length > 0
      ? [`look at ${slot} through ${forges.join(' and ')}: newer and older runs, cancellations`]
      : []),
    ...(forges.length > 0 ? [`${adopted}; post queued, then in_progress`] : []),
    ...target.plan(order),
    ...(forges.length > 0 ? ['post exactly one terminal status'] : []),
    `be done within ${durationText(values.timeout)}`,
  ];
  return steps.map((step, index) => `${index + 1}. ${step}`);
}
