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
};
