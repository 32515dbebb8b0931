import type { RunOutputs } from './run-outputs.ts';
import { cutBytes } from './text.ts';

// Outputs land at the top level of the stage's context: these names would overwrite what Orca keeps there.
const reserved = new Set([
  'account',
  'alias',
  'application',
  'artifacts',
  'cloudProvider',
  'completionDetails',
  'credentials',
  'execution',
  'jobStatus',
  'manifest',
  'outputs',
  'parameters',
  'propertyFile',
  'propertyFileContents',
  'region',
  'status',
  'type',
  'waitForCompletion',
]);

export const reservedBySpinnaker = (outputs: RunOutputs): readonly string[] =>
  [...outputs.keys()].filter((name) => reserved.has(name));

/**
 * The line that Spinnaker finds in the job's log. Its parser also looks for SPINNAKER_PROPERTY_ anywhere in any line, so
 * that underscores inside those words are escaped.
 */
export function renderConfigJson(outputs: RunOutputs): string {
  const entries = [...outputs].filter(([name]) => !reserved.has(name));
  const json = JSON.stringify(Object.fromEntries(entries)).replace(
    /SPINNAKER_(PROPERTY|CONFIG)_/g,
    'SPINNAKER\\u005f$1\\u005f',
  );
  return `SPINNAKER_CONFIG_JSON=${json}\n`;
}

/** Kubernetes keeps this much of a termination message. */
export const renderTerminationMessage = (reason: string): string => cutBytes(reason, 4096);
