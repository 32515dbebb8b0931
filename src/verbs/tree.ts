import type { Checkout, CheckoutEntry } from '../checkout/checkout.ts';
import { checkoutEntries } from '../checkout/index.ts';
import { SettingsError } from '../errors.ts';
import { named } from './audience.ts';
import { childEnv, type Prepared } from './prepare.ts';

/** Where the tree comes from; undefined where the target deploys none, or the author wants none. */
export const checkoutEntry = ({ values, target }: Prepared): CheckoutEntry | undefined =>
  target?.deploysTree ? checkoutEntries.find(({ id }) => id === values.checkout) : undefined;

export const fetchesTree = (p: Prepared): boolean =>
  (checkoutEntry(p)?.id ?? 'workspace') !== 'workspace';

/** Throws a SettingsError for what settings and order lack. */
export function openCheckout(p: Prepared): Checkout | undefined {
  const { host, forgeHttp: http, log, loaded, order } = p;
  const deps = {
    http,
    clock: host.clock,
    log,
    cwd: host.cwd,
    // Not /dev/shm: containers let nothing be run there.
    scratch: [host.env.TMPDIR ?? '', '/tmp'],
    env: childEnv(host.env),
  };
  try {
    return checkoutEntry(p)?.open(loaded, order, deps);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new SettingsError(error.faults.flatMap((fault) => named(fault, loaded)));
  }
}
