import type { Table } from '../settings/define.ts';
import { bool, text } from '../settings/rules.ts';

/** Shared by every reporter that tells of an environment. */
export const environmentSettings = {
  transientEnvironment: { is: bool, about: 'Marks the environment as one that will go away.' },
  productionEnvironment: { is: bool, about: 'Marks the environment as one that users see.' },
} as const satisfies Table;

/** Shared by every reporter that tells a commit. */
export const commitStatusSettings = {
  statusContext: {
    is: text,
    about: 'Context of the commit status.',
    otherwise: '`slipway/ENVIRONMENT`, and `/COMPONENT` if set',
    alias: ['context'],
  },
} as const satisfies Table;
