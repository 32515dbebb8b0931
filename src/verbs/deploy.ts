import { durationText } from '../duration.ts';
import { exits } from '../outcome.ts';
import { destinationsOf } from '../outputs/destinations.ts';
import { deliver, type OutputDeps, sayLast } from '../outputs/outputs.ts';
import { type RunFacts, type RunOutputs, runOutputs } from '../outputs/run-outputs.ts';
import { run } from '../run/run.ts';
import type { Ended } from '../run/session.ts';
import { planLines } from './plan.ts';
import { type Base, childEnv, type Prepared, prepare } from './prepare.ts';
import type { Read } from './read.ts';
import { credentialLine, introduction, openReporters, reportLine } from './wiring.ts';

/** One run, as design 5: the default of the container. Resolves to the exit code. */
export async function deploy(base: Base): Promise<number> {
  const skip = skippedEvent(base.read);
  if (skip) {
    base.log.info(skip);
    return exits.ok.code;
  }
  const prepared = prepare(base, 'deploy');
  const { host, log, values, target, http } = prepared;
  if (!target) throw new Error('a deploy was prepared without a target');
  const deps = { http, clock: host.clock, log, cwd: host.cwd, env: childEnv(host.env) };
  const opened = target.open(prepared.loaded, deps);
  const reporters = openReporters(prepared, 'deploy');
  log.info(introduction(prepared, target));
  log.info(credentialLine(prepared));
  log.info(reportLine(prepared));
  if (values.dryRun) {
    for (const line of planLines(prepared, opened)) log.info(line);
    log.info('dry_run: nothing was written anywhere');
    await sayLast(
      new Map([['outcome', 'nothing_to_do']]),
      destinations(prepared),
      outputDeps(prepared),
    );
    return 0;
  }
  const ended = await run(prepared.order, {
    target: opened,
    reporters,
    clock: host.clock,
    log,
    redact: (text) => prepared.redactor.text(text),
    signal: host.signal,
    timeoutMs: values.timeout,
    heartbeatMs: values.heartbeat,
    whenBusy: values.whenBusy,
    supersede: values.supersede,
    requireStatus: values.requireStatus,
    tree: values.checkout === 'workspace' ? host.cwd : undefined,
  });
  http.close();
  await leaveOutputs(prepared, ended);
  return ended.exit;
}

/** Not every build of a pipeline deploys; a step that does not is no failure. */
function skippedEvent({ context, values, loaded }: Read): string | undefined {
  const { event, system, deploys } = context;
  if (loaded.faulty.has('events')) return undefined;
  if (values.events ? event && values.events.includes(event) : deploys) return undefined;
  const what = event ?? 'not known';
  const cure = event
    ? ` (to allow it, set events: ${[...(values.events ?? []), event].join(',')})`
    : '';
  return `nothing to do: the event of this ${system} build is ${what}, which does not deploy${cure}`;
}

const destinations = ({ host, context, values }: Prepared) =>
  destinationsOf(host.env, {
    system: context.system,
    cwd: host.cwd,
    outputFile: values.outputFile,
    summary: values.summary,
    cardSchema: values.cardSchema,
    dryRun: values.dryRun,
  });

const outputDeps = ({ redactor, log }: Prepared): OutputDeps => ({
  redact: (text) => redactor.text(text),
  writeAtColumnZero: (text) => log.verbatim(text),
});

/** Outputs, card and summary; then the verdict, as the last line that a person reads. */
async function leaveOutputs(prepared: Prepared, ended: Ended): Promise<void> {
  const { log } = prepared;
  const places = destinations(prepared);
  const outputs = outputsOf(ended, (text) => log.warn(text));
  const warnings = await deliver(
    outputs,
    factsOf(ended, log.lastTail()),
    places,
    outputDeps(prepared),
  );
  for (const warning of warnings) log.warn(warning);
  const took = durationText(ended.endedAt - ended.startedAt);
  const lost = ended.lost.length > 0 ? `; ${ended.lost.join(' and ')} did not hear it` : '';
  const verdict = `${ended.outcome.replaceAll('_', ' ')} after ${took}: ${ended.description}${lost}`;
  if (ended.exit === 0) log.info(verdict);
  else log.error(`${verdict} (exit ${ended.exit})`);
  await sayLast(outputs, places, outputDeps(prepared));
}

function outputsOf(ended: Ended, warn: (text: string) => void): RunOutputs {
  const { order, deployment, environmentUrl, state } = ended;
  const standard = {
    outcome: ended.outcome,
    description: ended.description,
    run_key: order.runKey,
    log_url: order.logUrls[0] ?? '',
    environment: order.environment ?? '',
    environment_url: environmentUrl ?? '',
    commit: order.commit ?? '',
    deployment_state: state ?? '',
    // A commit status has no deployment; its id is the commit.
    deployment_id: deployment && /^\d+$/.test(deployment.id) ? deployment.id : '',
  };
  return runOutputs(standard, ended.results, warn);
}

const factsOf = (ended: Ended, tail: string): RunFacts => {
  const { order, deployment, startedAt, endedAt, outcome, description } = ended;
  return {
    repo: order.repo,
    component: order.component,
    ref: order.ref,
    actor: order.actor,
    task: order.task,
    deploymentUrl: deployment?.url,
    durationMs: endedAt - startedAt,
    reason: outcome === 'success' || !tail ? description : `${description}\n\n${tail}`,
  };
};
