import type { Table, Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';
import { bool, text } from '../settings/rules.ts';

/** Shared by every reporter that tells of an environment. */
export const environmentSettings = {
  transientEnvironment: { is: bool, about: 'Marks the environment as one that will go away.' },
  productionEnvironment: { is: bool, about: 'Marks the environment as one that users see.' },
} as const satisfies Table;

export type EnvironmentKind = 'production' | 'development';

/** What the author says that the environment is; undefined where that is the forge's to guess. */
export function environmentKind(loaded: Loaded): EnvironmentKind | undefined {
  const values = loaded.values as Values<typeof environmentSettings>;
  if (values.productionEnvironment) return 'production';
  return values.transientEnvironment ? 'development' : undefined;
}

/** Shared by every reporter that tells a commit. */
export const commitStatusSettings = {
  statusContext: {
    is: text,
    about: 'Context of the commit status.',
    otherwise: '`slipway/ENVIRONMENT`, and `/COMPONENT` if set',
    alias: ['context'],
  },
} as const satisfies Table;
