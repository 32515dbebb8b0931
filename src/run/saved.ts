import type { Outcome } from '../outcome.ts';
import type { Checkpoint, Json } from '../targets/target.ts';

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

/**
 * A target's checkpoint as it may be kept: what it says in words came from a service, which may repeat our secrets.
 * The rest has to come back as it was.
 */
export const keepable = (checkpoint: Checkpoint, redact: (text: string) => string): Checkpoint =>
  Object.fromEntries(
    Object.entries(checkpoint).map(([name, value]) => {
      if (name === 'description' && typeof value === 'string') return [name, redact(value)];
      return [name, name === 'results' ? masked(value, redact) : value];
    }),
  );

function masked(value: Json, redact: (text: string) => string): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, masked(item, redact)]);
  return Object.fromEntries(entries);
}
