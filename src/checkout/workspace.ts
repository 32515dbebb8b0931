import type { CheckoutEntry } from './checkout.ts';

/** What CI has checked out. It is not ours, so nothing is fetched and nothing removed. */
export const workspace: CheckoutEntry = {
  id: 'workspace',
  credentials: () => [],
  open: (_loaded, _order, { cwd }) => ({
    id: 'workspace',
    plan: () => [],
    check: async () => [],
    fetch: async () => cwd,
    release: async () => {},
  }),
};
