import { durationText } from '../duration.ts';
import { exits } from '../outcome.ts';
import type { RunFacts } from '../outputs/run-outputs.ts';
import { run } from '../run/run.ts';
import type { Ended } from '../run/session.ts';
import { eventWarnings, skippedEvent } from './events.ts';
import { leave, outputsOf } from './leave.ts';
import { planLines } from './plan.ts';
import { type Base, childEnv, prepare } from './prepare.ts';
import {
  credentialLine,
  introduction,
  openReporters,
  reportLine,
  warnOfSilence,
} from './wiring.ts';

/** One run, as design 5: the default of the container. Resolves to the exit code. */
export async function deploy(base: Base): Promise<number> {
  for (const warning of eventWarnings(base.read)) base.log.warn(warning);
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
  warnOfSilence(prepared);
  if (values.dryRun) {
    for (const line of planLines(prepared, opened)) log.info(line);
    const order = prepared.order;
    const text = 'dry_run: nothing was written anywhere';
    const told = { order, outcome: 'nothing_to_do', description: text };
    return leave(
      base,
      outputsOf(told, [], () => {}),
      { durationMs: 0 },
      { text, exit: exits.ok.code },
    );
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
  const outputs = outputsOf(ended, ended.results, (text) => log.warn(text));
  const verdict = { text: verdictOf(ended), exit: ended.exit };
  return leave(base, outputs, factsOf(ended, log.lastTail()), verdict);
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

/** `failure after 12s: The command exited with code 3 (exit 1)` */
function verdictOf(ended: Ended): string {
  const took = durationText(ended.endedAt - ended.startedAt);
  const lost = ended.lost.length > 0 ? `; ${ended.lost.join(' and ')} may not have heard it` : '';
  const exit = ended.exit === 0 ? '' : ` (exit ${ended.exit})`;
  const outcome = ended.outcome.replaceAll('_', ' ');
  // "refused after 1s: Refused: …" says it twice.
  const lead = new RegExp(`^${outcome}:? `, 'i');
  return `${outcome} after ${took}: ${ended.description.replace(lead, '')}${lost}${exit}`;
}
