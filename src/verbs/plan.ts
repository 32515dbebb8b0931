import { durationText } from '../duration.ts';
import type { Target } from '../targets/target.ts';
import type { Foresight } from './foresee.ts';
import type { Parts } from './parts.ts';
import type { Prepared } from './prepare.ts';

/** What a deploy would do, step by step. */
export function planLines(
  { reporters, values }: Prepared,
  { order, lines, end }: Foresight,
  { target, checkout }: Pick<Parts, 'checkout'> & { readonly target: Target },
): readonly string[] {
  const slot = [order.repo, order.environment, order.component].filter(Boolean).join(' ');
  const forges = reporters.map(({ entry }) => entry.id).join(' and ');
  const looked = forges ? [`look at ${slot} through ${forges}`, ...lines] : [];
  const steps = end
    ? [...looked, `stop there, before anything is changed (the deploy exits ${end.exit})`]
    : [
        ...looked,
        ...(forges ? ['post queued, then in_progress'] : []),
        ...(checkout?.plan(order) ?? []),
        ...target.plan(order),
        ...(forges ? ['post exactly one terminal status'] : []),
        `be done within ${durationText(values.timeout)}`,
      ];
  return steps.map((step, index) => `${index + 1}. ${step}`);
}
