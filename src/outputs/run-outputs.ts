/** One run's results under the names that later steps use; the same in every format. */
export type RunOutputs = ReadonlyMap<string, string>;

/** What stands under the names that every run has, a sentence each for the docs. */
export const standardOutputs = {
  outcome:
    'How the run ended: success, nothing_to_do, failure, error, timed_out, cancelled, superseded or refused.',
  deployment_id:
    'Number of the deployment at the forge; empty where a commit status took its place.',
  deployment_state: "Last state that the forge was told, in the forge's word.",
  environment: 'Environment that was deployed to.',
  environment_url: 'Where the environment serves.',
  log_url: 'Where people read the log.',
  commit: 'Commit that was deployed.',
  run_key: 'Key by which later runs know this one.',
  description: 'Text of the last status.',
} as const;
export type StandardName = keyof typeof standardOutputs;
export const standardNames = Object.keys(standardOutputs) as readonly StandardName[];

/** What people are told of a run besides its outputs. */
export type RunFacts = {
  readonly repo?: string | undefined;
  readonly component?: string | undefined;
  readonly ref?: string | undefined;
  readonly actor?: string | undefined;
  readonly isRollback?: boolean | undefined;
  /** Page of the deployment at the forge. */
  readonly deploymentUrl?: string | undefined;
  readonly durationMs: number;
  /** Why it ended so, where that is longer than the output `description`. */
  readonly reason?: string | undefined;
};

const usable = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/**
 * All standard names, empty where not known, then the target's own. Later steps trust the standard ones,
 * so a target cannot replace them; upper case and GitHub fold letters, so names must differ by more than case.
 */
export function runOutputs(
  standard: Readonly<Partial<Record<StandardName, string>>>,
  own: Iterable<readonly [string, string]>,
  warn: (text: string) => void,
): RunOutputs {
  const outputs = new Map<string, string>(
    standardNames.map((name) => [name, standard[name] ?? '']),
  );
  const taken = new Map<string, string>(standardNames.map((name) => [name, name]));
  for (const [name, value] of own) {
    const holder = taken.get(name.toLowerCase()) ?? name;
    if (!usable.test(name)) {
      warn(
        `Output ${JSON.stringify(name)} of the target is left out: a name is made of letters, digits and _`,
      );
    } else if (holder !== name || standardNames.some((standardName) => standardName === name)) {
      warn(`Output ${name} of the target is left out: ${holder} is there already`);
    } else {
      taken.set(name.toLowerCase(), name);
      outputs.set(name, value);
    }
  }
  return outputs;
}

/** `Deploy to production`; says nothing of the outcome, which is the outcome's to say. */
export function titleOf(outputs: RunOutputs, facts: RunFacts): string {
  const environment = outputs.get('environment');
  const place = [environment, facts.component].filter(Boolean).join(' / ');
  if (!place) return facts.isRollback ? 'Rollback' : 'Deploy';
  return facts.isRollback ? `Rollback of ${place}` : `Deploy to ${place}`;
}

export const outcomeText = (outputs: RunOutputs): string =>
  (outputs.get('outcome') ?? '').replaceAll('_', ' ');
