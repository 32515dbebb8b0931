import type { Ending } from '../../ending.ts';
import { patiently as read } from '../../http/patience.ts';
import type { Job, TargetDeps, Verdict } from '../target.ts';
import { linkTo } from './links.ts';
import type { Past } from './past.ts';
import type { Service } from './service.ts';
import type { NameOf, SpinnakerValues } from './settings.ts';

/** What was opened for every deploy. */
export type Opened = {
  readonly values: SpinnakerValues;
  readonly deps: TargetDeps;
  readonly service: Service;
  readonly nameOf: NameOf;
};

/** What the steps of one deploy share. */
export type Deploying = Opened & {
  readonly job: Job;
  readonly ending: Ending;
  readonly past: Past;
};

export const isVerdict = (value: object): value is Verdict => 'outcome' in value;

/** Where people see an execution; without one, where they see all of the application. */
export const linkOf = ({ values, service }: Opened, execution?: string): string =>
  linkTo(values, service.root, execution);

export const notKnown = (opened: Opened, why: string, execution?: string): Verdict => ({
  outcome: 'error',
  description: `not known ${why}; see ${linkOf(opened, execution)}`,
});

export const nothingStarted = (outcome: Verdict['outcome'], why: string): Verdict => ({
  outcome,
  description: `nothing was started: ${why}`,
});

/** Reads from Gate while an execution goes on. */
export const patiently = <T>(
  { deps }: Opened,
  what: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> => read({ ...deps, service: 'Gate' }, what, signal);
