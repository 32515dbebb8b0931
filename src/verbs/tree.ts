import type { Checkout } from '../checkout/checkout.ts';
import { SettingsError } from '../errors.ts';
import { named } from './audience.ts';
import { checkoutEntry, childEnv, type Prepared } from './prepare.ts';

export const fetchesTree = (p: Prepared): boolean =>
  (checkoutEntry(p)?.id ?? 'workspace') !== 'workspace';

/** Throws a SettingsError for what settings and order lack. */
export function openCheckout(p: Prepared): Checkout | undefined {
  const entry = checkoutEntry(p);
  if (!entry) return undefined;
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
    return entry.open(loaded, order, deps);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new SettingsError(error.faults.flatMap((fault) => named(fault, loaded)));
  }
}
