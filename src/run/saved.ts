import type { Outcome } from '../outcome.ts';
import type { Checkpoint } from '../targets/target.ts';

/** What a process of a run leaves to the next one that goes on with it. Plain JSON without secrets. */
export type Saved = {
  /** The target's own. */
  readonly checkpoint?: Checkpoint;
  /** How it ended, from just before anybody was told: who goes on tells the same, and deploys nothing. */
  readonly ending?: SavedEnding;
};

export type SavedEnding = {
  readonly outcome: Outcome;
  readonly description: string;
  readonly exit?: number;
  readonly tell: 'terminal' | 'nothing';
  readonly environmentUrl?: string;
  readonly results: Readonly<Record<string, string>>;
  /** The target had been asked to deploy: every audience must hear the end. */
  readonly started: boolean;
};
