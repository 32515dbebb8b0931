import type { Checkout } from '../checkout/checkout.ts';
import { collect, type Fault, SettingsError } from '../errors.ts';
import type { Reporter, Verb } from '../reporters/reporter.ts';
import type { Target } from '../targets/target.ts';
import { distinct, openReporters } from './audience.ts';
import type { Prepared } from './prepare.ts';
import { openCheckout } from './tree.ts';
import { targetDeps } from './wiring.ts';

/** What a deploy is made of. */
export type Parts = {
  readonly target: Target | undefined;
  readonly checkout: Checkout | undefined;
  readonly reporters: readonly Reporter[];
};

/**
 * Opens all of them. Throws one SettingsError with the faults that are known already, and with those that no setting
 * shows alone: an author is told of all at once.
 */
export function openAll(p: Prepared, verb: Verb, known: readonly Fault[]): Parts {
  const faults = [...known, ...targetFaults(p)];
  const checkout = collect(faults, () => openCheckout(p));
  const reporters = collect(faults, () => openReporters(p, verb)) ?? [];
  if (faults.length > 0) throw new SettingsError(distinct(faults));
  return { target: p.target?.open(p.loaded, targetDeps(p)), checkout, reporters };
}

/** Of settings that are faulty one by one, nothing is said together. */
function targetFaults(p: Prepared): readonly Fault[] {
  const { target, loaded } = p;
  if (!target || Object.keys(target.settings).some((key) => loaded.faulty.has(key))) return [];
  return target.faults(loaded, targetDeps(p));
}
