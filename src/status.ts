import type { Order } from './order.ts';

/** What an audience is told. Each reporter maps it to its own words. */
export type State =
  | 'queued'
  | 'in_progress'
  | 'pending'
  | 'success'
  | 'failure'
  | 'error'
  | 'timed_out'
  | 'cancelled'
  | 'superseded'
  | 'inactive';

export const isTerminal = (state: State | 'waiting' | undefined): boolean =>
  state !== undefined && !['queued', 'in_progress', 'pending', 'waiting'].includes(state);

export type Status = {
  readonly state: State;
  /** One line without secrets, of any length: the reporter keeps what its audience can show. */
  readonly description: string;
  /** Where the new version serves; on every status once known, never on a failure. */
  readonly environmentUrl?: string;
  /** For audiences that show more than a line. */
  readonly of?: Subject;
  /** With the end of a run. */
  readonly end?: End;
};

/** What is deployed where, as an adopted deployment makes it, and without secrets. */
export type Subject = Pick<
  Order,
  'repo' | 'environment' | 'component' | 'commit' | 'ref' | 'actor' | 'task'
> & {
  readonly logUrl?: string;
  /** Page of the deployment at the forge. */
  readonly deploymentUrl?: string;
};

export type End = {
  readonly tookMs: number;
  /** The end of what the deploy wrote, without secrets: whole lines, at most 4 KiB; empty where it wrote nothing. */
  readonly tail: string;
  /** How the deploy of the slot before this one ended, where a forge shows one. */
  readonly previous?: State;
};

export function subjectOf(
  order: Order,
  redact: (text: string) => string,
  deploymentUrl?: string,
): Subject {
  const { repo, environment, component, commit, ref, actor, task } = order;
  const [logUrl] = order.logUrls;
  const facts = { repo, environment, component, commit, ref, actor, task, logUrl, deploymentUrl };
  const known = Object.entries(facts).filter((fact): fact is [string, string] => Boolean(fact[1]));
  return Object.fromEntries(known.map(([name, text]) => [name, redact(text)])) as Subject;
}
