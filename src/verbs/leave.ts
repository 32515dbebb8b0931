import type { Deployment } from '../forges/forge.ts';
import type { Fields } from '../log.ts';
import type { Order } from '../order.ts';
import { destinationsOf } from '../outputs/destinations.ts';
import { deliver, type OutputDeps, sayLast } from '../outputs/outputs.ts';
import {
  type RunFacts,
  type RunOutputs,
  runOutputs,
  type StandardName,
} from '../outputs/run-outputs.ts';
import type { State } from '../status.ts';
import type { Base } from './prepare.ts';

/**
 * What a process leaves behind: outputs, card and summary, then its verdict as the last line for people, then what a
 * Spinnaker stage reads. Once a process, whatever the verb and however it ended.
 */
export async function leave(
  base: Base,
  outputs: RunOutputs,
  facts: RunFacts,
  verdict: { readonly text: string; readonly exit: number },
): Promise<number> {
  const { host, read, redactor, log } = base;
  const { context, values } = read;
  const { outputFile, summary, cardSchema, dryRun } = values;
  const settings = {
    system: context.system,
    cwd: host.cwd,
    outputFile,
    summary,
    cardSchema,
    dryRun,
  };
  const places = destinationsOf(host.env, settings);
  const deps: OutputDeps = {
    redact: (text) => redactor.text(text),
    writeAtColumnZero: (text) => log.verbatim(text),
  };
  for (const warning of await deliver(outputs, facts, places, deps)) log.warn(warning);
  log.verdict(verdict.text, verdict.exit === 0, fieldsOf(outputs, facts, verdict.exit));
  sayLast(outputs, places, deps);
  return verdict.exit;
}

/** What whoever counts runs by their logs wants to know; what is not known is left out. */
const fieldsOf = (outputs: RunOutputs, { durationMs }: RunFacts, exit: number): Fields => {
  const known = (name: StandardName): string | undefined => outputs.get(name) || undefined;
  return {
    outcome: known('outcome'),
    exit,
    duration_ms: durationMs,
    run_key: known('run_key'),
    environment: known('environment'),
    commit: known('commit'),
    deployment_id: known('deployment_id'),
  };
};

type Told = {
  readonly order: Order;
  readonly outcome: string;
  readonly description: string;
  readonly deployment?: Deployment | undefined;
  readonly state?: State | undefined;
  readonly environmentUrl?: string | undefined;
};

/** The standard outputs, under the names of every CI system's later steps. */
export function outputsOf(
  told: Told,
  own: Iterable<readonly [string, string]>,
  warn: (text: string) => void,
): RunOutputs {
  const { order, deployment, outcome, description, environmentUrl = '', state = '' } = told;
  const standard: Record<StandardName, string> = {
    outcome,
    description,
    run_key: order.runKey,
    log_url: order.logUrls[0] ?? '',
    environment: order.environment ?? '',
    environment_url: environmentUrl,
    commit: order.commit ?? '',
    deployment_state: state,
    // A commit status has no deployment; its id is the commit.
    deployment_id: deployment && /^\d+$/.test(deployment.id) ? deployment.id : '',
  };
  return runOutputs(standard, own, warn);
}

/** For a process that ended before there was an order. */
export const faultOutputs = (description: string): RunOutputs =>
  runOutputs({ outcome: 'error', description }, [], () => {});
