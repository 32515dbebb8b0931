import { durationText } from '../duration.ts';
import type { Stop } from '../errors.ts';
import { isRollback } from '../order.ts';
import { exitOf, exits } from '../outcome.ts';
import type { RunFacts } from '../outputs/run-outputs.ts';
import { lastWordsMs } from '../run/finish.ts';
import { run } from '../run/run.ts';
import type { Ended } from '../run/session.ts';
import { type Opened, openParts, runDeps } from './carry-out.ts';
import { contextLines, writtenLines } from './describe.ts';
import { eventWarnings, skippedEvent } from './events.ts';
import { codeOfFindings, findAll, findingLines } from './findings.ts';
import { foresee } from './foresee.ts';
import { idleWarnings } from './idle.ts';
import { leave, outputsOf } from './leave.ts';
import { planLines } from './plan.ts';
import { type Base, judge, type Prepared } from './prepare.ts';
import { warnOfSilence } from './wiring.ts';

/** One run, as design 5: the default of the container. Resolves to the exit code. */
export async function deploy(base: Base): Promise<number> {
  for (const warning of eventWarnings(base.read)) base.log.warn(warning);
  const skip = skippedEvent(base.read);
  if (skip) {
    base.log.info(skip);
    return exits.ok.code;
  }
  const { prepared, faults } = judge(base, 'deploy');
  const { log, values, http } = prepared;
  if (faults.length === 0) {
    for (const line of [...writtenLines(prepared), ...contextLines(prepared)])
      log.debug(line.trim());
  }
  const parts = openParts(prepared, faults);
  warnOfSilence(prepared);
  for (const warning of idleWarnings(prepared)) log.warn(warning);
  if (values.dryRun) return await rehearse(base, prepared, parts);
  const heeded = heedStop(prepared);
  const ended = await run(prepared.order, runDeps(prepared, parts));
  heeded();
  http.close();
  const { environmentUrl } = ended;
  // Other audiences are given the link; whoever reads the log looks for it at its end.
  if (environmentUrl && ended.outcome === 'success') log.info(`it serves at ${environmentUrl}`);
  const outputs = outputsOf(ended, ended.results, (text) => log.warn(text));
  const verdict = { text: verdictOf(ended), exit: ended.exit };
  return leave(base, outputs, factsOf(ended, log.lastTail()), verdict);
}

/** `dry_run`: looks and decides everything, and ends as the deploy would if it ended there. */
async function rehearse(base: Base, prepared: Prepared, parts: Opened): Promise<number> {
  try {
    const foresight = await foresee(prepared, parts.reporters);
    for (const line of planLines(prepared, foresight, parts)) base.log.info(line);
    const { order, end } = foresight;
    // What the forges keep from beginning asks the target nothing; and it knows no environment but the author's or CI's.
    const isSkipped = end !== undefined || order.environment !== prepared.order.environment;
    const code = isSkipped ? (end?.exit ?? exits.ok.code) : await tryTarget(prepared, parts);
    const why = end ? `; ${end.why}` : code === exits.ok.code ? '' : '; a deploy would fail';
    const text = `dry_run: nothing was written anywhere${why}`;
    const told = { order, outcome: 'nothing_to_do', description: text };
    const outputs = outputsOf(told, [], () => {});
    return await leave(base, outputs, { durationMs: 0 }, { text, exit: code });
  } finally {
    prepared.http.close();
  }
}

/** The target's own reads, which change nothing; the exit code that a deploy with these findings would have. */
async function tryTarget(prepared: Prepared, { target }: Opened): Promise<number> {
  const findings = await findAll(
    prepared,
    { target, checkout: undefined, reporters: [] },
    prepared.order,
  );
  for (const line of findingLines(findings)) prepared.log.info(line);
  return codeOfFindings(findings);
}

const factsOf = (ended: Ended, tail: string): RunFacts => {
  const { order, deployment, startedAt, endedAt, outcome, description } = ended;
  return {
    repo: order.repo,
    component: order.component,
    ref: order.ref,
    actor: order.actor,
    isRollback: isRollback(order),
    deploymentUrl: deployment?.url,
    durationMs: endedAt - startedAt,
    reason: outcome === 'success' || !tail ? description : `${description}\n\n${tail}`,
  };
};

/** `ended as failure after 12s: The command exited with code 3 (slipway exits with 1)` */
function verdictOf(ended: Ended): string {
  const took = durationText(ended.endedAt - ended.startedAt);
  const outcome = ended.outcome.replaceAll('_', ' ');
  // "refused after 1s: Refused: …" says it twice.
  const lead = new RegExp(`^${outcome}(?: after \\w+)?(?: \\(timeout\\))?(?:: |$|(?=[.;]))`, 'i');
  // "error: error after 1s" too.
  const isGood = exitOf[ended.outcome] === exits.ok.code;
  const end = isGood ? outcome : `ended as ${outcome}`;
  const why = ended.description.replace(lead, '').replace(/^[.;] */, '');
  const exit = ended.exit === 0 ? '' : ` (slipway exits with ${ended.exit})`;
  // The setting that would give it longer.
  const by = ended.description.startsWith('Timed out after ') ? ' (timeout)' : '';
  return `${end} after ${took}${by}${why ? `: ${why}` : ''}${doubtsOf(ended)}${exit}`;
}

/** Who does not know the end. */
function doubtsOf({ lost, unsure, unreached }: Ended): string {
  const what = (id: string): string => {
    if (unsure.includes(id)) return 'may not have heard it';
    return unreached.includes(id) ? 'was not reached' : 'did not hear it';
  };
  const ids = [...new Set([...lost, ...unreached])];
  return ids.map((id) => `; ${id} ${what(id)}`).join('');
}

/** The log is silent until the deploy has stopped: whoever pressed the button must see that it was heard. */
function heedStop({ host, log }: Prepared): () => void {
  const say = (): void => {
    const stop = host.signal.reason as Stop;
    const what =
      stop.kind === 'signal' ? stop.name : stop.kind === 'request' ? stop.reason : 'stop';
    log.warn(`${what}: stopping, at most ${durationText(lastWordsMs)}`);
  };
  if (host.signal.aborted) say();
  else host.signal.addEventListener('abort', say, { once: true });
  return () => host.signal.removeEventListener('abort', say);
}
