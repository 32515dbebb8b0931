import { archive } from './archive.ts';
import type { CheckoutEntry } from './checkout.ts';
import { diversion } from './diversion.ts';
import { workspace } from './workspace.ts';

/** Every checkout; its id is what users type and the name of its file. */
export const checkoutEntries: readonly CheckoutEntry[] = [archive, diversion, workspace];
