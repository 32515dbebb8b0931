import type { Table } from '../settings/define.ts';
import { text } from '../settings/rules.ts';

/** Shared by every reporter that tells a commit. */
export const commitStatusSettings = {
  statusContext: {
    is: text,
    about: 'Context of the commit status.',
    otherwise: '`slipway/ENVIRONMENT`, and `/COMPONENT` if set',
    alias: ['context'],
  },
} as const satisfies Table;
